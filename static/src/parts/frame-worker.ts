/** The worker that seals and opens frames of a visit: see `call/encryption/worker.ts`. */
import { run } from "../call/encryption/worker";

run(self);
