import { cryptoBasics } from "./cryptobasics.ts";
import { deserialization } from "./deserialization.ts";
import { keySchedule } from "./keyschedule.ts";
import type { VectorKind } from "./kind.ts";
import { messageProtection } from "./messageprotection.ts";
import { messages } from "./messages.ts";
import { passiveClients } from "./passiveclient.ts";
import { pskSecret } from "./psksecret.ts";
import { secretTree } from "./secrettree.ts";
import { transcriptHashes } from "./transcripthashes.ts";
import { treeKem } from "./treekem.ts";
import { treeMath } from "./treemath.ts";
import { treeOperations } from "./treeoperations.ts";
import { treeValidation } from "./treevalidation.ts";
import { welcome } from "./welcome.ts";

/** All 16 kinds; the three of passive clients have one form. */
export const kinds: readonly VectorKind[] = [
  treeMath,
  cryptoBasics,
  secretTree,
  messageProtection,
  keySchedule,
  pskSecret,
  transcriptHashes,
  welcome,
  treeOperations,
  treeValidation,
  treeKem,
  messages,
  ...passiveClients,
  deserialization,
];
