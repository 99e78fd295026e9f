"""What the team sees beside a conversation: the patient's plan, how it has been, the next visit, what to mind."""
