// Credentials in JSON (RFC 9420 section 5.3). Who somebody is stands in no log.

import type { Credential } from "../bindings/message/credential.ts";
import { type Form, hidden, list, uint16, variants } from "./form.ts";

export const credential: Form<Credential> = variants<Credential>("Credential", {
  basic: { identity: hidden },
  x509: { certificates: list(hidden) },
  custom: { credentialType: uint16, data: hidden },
});
