// Signature keys of those who may send in the present epoch (RFC 9420 section 6.1).

import type { SenderKeys } from "../framing/authenticated.ts";
import { ExtensionType } from "../message/constants.ts";
import { decodeExternalSenders, findExtension } from "../message/extension.ts";
import type { GroupView } from "./view.ts";

/** Looks keys up in the tree and in `external_senders`. MLS-6.1-03, MLS-6.1-04 */
export function senderKeysOf({ tree, epoch, environment }: GroupView): SenderKeys {
  return {
    member: (leafIndex) => tree.leafNode(leafIndex)?.signatureKey,
    external: (senderIndex) => {
      const data = findExtension(epoch.groupContext.extensions, ExtensionType.externalSenders);
      if (data === undefined) return undefined;
      return decodeExternalSenders(data, environment.decode)[senderIndex]?.signatureKey;
    },
  };
}
