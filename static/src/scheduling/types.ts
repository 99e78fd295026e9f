/** What the scheduling API sends, as far as its pages use it. */

export interface Service {
  readonly id: string;
  readonly name: string;
  readonly duration_minutes: number;
  readonly needs: readonly string[];
}

/** Somebody who takes part, with the zone their hours are written in. */
export interface Named {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
}

export interface Practitioner extends Named {
  readonly role: string;
  readonly services: readonly string[];
  /** BCP 47, best first. */
  readonly languages?: readonly string[];
}

export interface Slot {
  readonly start: string;
  readonly end: string;
  readonly practitioners: readonly string[];
}

export interface Hold {
  readonly id: string;
  readonly expires_at: string;
  readonly renewable?: boolean;
}

export interface Appointment {
  readonly id: string;
  readonly version: number;
  readonly service: string;
  readonly patient: string;
  readonly practitioners: readonly string[];
  readonly start: string;
  readonly end: string;
  readonly zone: string;
  readonly visit: string;
}

export interface Rule {
  readonly weekdays: readonly string[];
  readonly start: string;
  readonly end: string;
  readonly from?: string;
  readonly until?: string;
  readonly services?: readonly string[];
  /** On whose wall the rule is, where that is not the availability's zone. */
  readonly zone?: string;
}

export interface Exceptional {
  readonly start: string;
  readonly end: string;
  readonly kind: "off" | "extra";
  readonly note?: string;
}

export interface Availability {
  readonly version: number;
  readonly zone: string;
  readonly rules: readonly Rule[];
  readonly exceptions: readonly Exceptional[];
  /** Booked visits that lie outside the hours since they were changed. */
  readonly outside?: readonly string[];
}

/** A role as people say it. */
export function roleName(role: string, _: (text: string) => string): string {
  return role === "consultant" ? _("gut-health consultant") : role === "nutritionist" ? _("nutritionist") : role;
}
