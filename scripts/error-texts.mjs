// What docs/errors.md says of each code: when it is thrown, and what to do.

/**
 * @typedef {object} ErrorText
 * @property {string} when
 * @property {string} todo
 * @property {string[]} [rules] rules that the source names elsewhere than beside the code
 */

/** @type {Record<string, ErrorText>} */
export const errorTexts = {
  ERR_MALFORMED: {
    when: "The bytes are not what they claim to be: cut short, too long, a length in more bytes than needed, an unknown variant.",
    todo: "Drop the message. `struct` and `offset` say where reading stopped. If it came from your own server, look for a truncated or doubly encoded body.",
  },
  ERR_LIMIT: {
    when: "The input is longer, or has more elements, than this client's limits allow, or a store of it is full.",
    todo: "Drop the message, or raise the limit that the error names (`limits` of the client).",
  },
  ERR_UNSUPPORTED: {
    when: "A version, cipher suite, credential, extension or proposal type that this client lacks.",
    todo: "Update the client, pass the suite's plug-in (`suites`), or register the type (`supports`, `customProposals`). Nobody has done anything wrong.",
  },
  ERR_SIGNATURE: {
    when: "A signature does not verify.",
    todo: "Drop the message. It was changed on its way, or its sender does not hold the key.",
  },
  ERR_MAC: {
    when: "A membership tag or a confirmation tag does not match.",
    todo: "Drop the message. After a commit this can mean that the group has forked: compare epoch authenticators.",
  },
  ERR_DECRYPT: {
    when: "A ciphertext does not open: a message, the sender data, a path secret, or the body of a Welcome.",
    todo: "Drop the message. If every message of a sender fails, one of the two has lost or rolled back its state.",
  },
  ERR_WRONG_GROUP: {
    when: "The message is of another group.",
    todo: "Route it to that group; your transport has mixed them up.",
  },
  ERR_WRONG_EPOCH: {
    when: "The message is of an epoch that this group has left, or not reached.",
    todo: "For a later epoch, deliver the missing commits first and try again. An earlier handshake is of no use any more.",
  },
  ERR_SENDER: {
    when: "The sender is nobody, or may not send this: a blank leaf, an unknown external sender, an application message from outside.",
    todo: "Drop the message.",
  },
  ERR_CREDENTIAL: {
    when: "The application's `authenticate` refused a credential, or the credential does not fit its key or its predecessor.",
    todo: "Nothing, if the refusal was meant. Otherwise look at what `authenticate` was asked: `reason` says why.",
  },
  ERR_LEAF_NODE: {
    when: "A leaf node breaks a rule: lifetime, capabilities, a key that stands in the tree already, an unusable public key.",
    todo: "Ask its owner for a fresh key package or update. `leafIndex` says whose it is; check both clocks if the lifetime is at fault.",
  },
  ERR_KEY_PACKAGE: {
    when: "A key package cannot be used: another version or suite than the group's, an init key that is the leaf's key, a bad leaf.",
    todo: "Ask for another one. `index` says which of the list it was, and `cause` what is wrong inside.",
  },
  ERR_TREE: {
    when: "A ratchet tree has an impossible shape: nodes at wrong places, a blank end, unmerged leaves that cannot be.",
    todo: "Get the tree again from somebody else. Whoever made it is broken or dishonest.",
  },
  ERR_TREE_HASH: {
    when: "The ratchet tree is not the one that the GroupContext was made for.",
    todo: "Pass the tree of the same epoch as the GroupInfo or the Welcome.",
  },
  ERR_PARENT_HASH: {
    when: "A parent hash chain of the tree is broken: somebody would hold keys of nodes that are not above them.",
    todo: "Do not join, or drop the commit. Whoever made it is broken or dishonest.",
    rules: ["MLS-7.9.2-02", "MLS-7.9.2-03"],
  },
  ERR_UPDATE_PATH: {
    when: "The path of a commit does not fit the tree: its length, its keys, the number of ciphertexts, or what they open to.",
    todo: "Drop the commit. If others accept it, the group has forked: compare epoch authenticators.",
    rules: ["MLS-4.1.2-02", "MLS-7.6-02"],
  },
  ERR_PROPOSAL: {
    when: "One proposal cannot be: it removes nobody, comes from somebody who may not propose it, or has a body that does not fit.",
    todo: "Drop it. When you made it yourself, the message says what the group does not allow; `index` says which of a list it was.",
  },
  ERR_PROPOSAL_LIST: {
    when: "Proposals that are valid alone do not go together: two for one leaf, a ReInit beside others, a PSK twice.",
    todo: "Drop the commit. When you are the committer, commit them one after the other.",
  },
  ERR_COMMIT: {
    when: "A commit as a whole is wrong: no path where one is needed, a wrong leaf in the path, no confirmation tag.",
    todo: "Drop the commit.",
  },
  ERR_MISSING_PROPOSAL: {
    when: "A commit refers to a proposal that has not arrived.",
    todo: "Deliver the proposal, then the commit again: it changed nothing.",
  },
  ERR_PSK: {
    when: "A pre-shared key that is asked for is not held here, or may not be used in this way.",
    todo: "Add it with `client.addPsk`, or keep resumption PSKs for more epochs (`limits.resumptionEpochs`), and try again.",
  },
  ERR_WELCOME: {
    when: "A Welcome is for none of our key packages, or what it holds does not fit together.",
    todo: "Check that the client that published the key package is the one that joins, and that its state was kept.",
  },
  ERR_TREE_NEEDED: {
    when: "The ratchet tree is not in the message.",
    todo: "Fetch it and pass it as `ratchetTree`.",
  },
  ERR_GROUP_INFO: {
    when: "A GroupInfo cannot be used: not signed by a member, without `external_pub`, or of a group that we are in already.",
    todo: "Ask a member for a fresh `group.groupInfo()`; to come back with lost state, join with `resync`.",
  },
  ERR_EXTENSION: {
    when: "An extension stands twice, where it must not, or is not supported by a member.",
    todo: "Take it out of the list; `struct` says which list.",
  },
  ERR_RATCHET: {
    when: "A message's key has been used, was dropped, or lies too far ahead.",
    todo: "Nothing: most often a message arrived twice. If messages get lost in thousands, raise `limits.forwardGenerations`.",
    rules: ["MLS-9.2-04", "MLS-15.3-02"],
  },
  ERR_POLICY: {
    when: "The message is well formed, but this client's settings do not allow it.",
    todo: "Change the setting, or tell the sender. A follower (`PublicGroup`) reads PublicMessages alone.",
  },
  ERR_STATE_BUSY: {
    when: "A callback of the application called back into the group that is calling it.",
    todo: "Do it after the call has returned.",
  },
  ERR_STATE_CLOSED: {
    when: "The group or client is closed, we were removed, or a ReInit has ended it.",
    todo: "Drop the object. After a ReInit, join the successor.",
  },
  ERR_STATE_PENDING_COMMIT: {
    when: "A commit of ours waits to be accepted.",
    todo: "Call `accept()` or `discard()` on `group.pendingCommit` first.",
  },
  ERR_STATE_PENDING_PROPOSALS: {
    when: "Valid proposals wait for a commit, so application messages may not be sent.",
    todo: "Commit first, or pass `despiteProposals: true`.",
  },
  ERR_STATE_DEFERRED: {
    when: "A credential whose answer was deferred is still without one.",
    todo: "Call `resolve` on each of `deferred`, then accept.",
  },
  ERR_STATE_USED: {
    when: "The object has done its work: accepted, discarded, outdated by another commit, or wiped.",
    todo: "Make a new one.",
  },
  ERR_STATE_OWN_MESSAGE: {
    when: "A message of ours came back, and it cannot be read with our own state.",
    todo: "Ignore it. Commits of ours are recognised as long as they are pending.",
  },
  ERR_STATE_RECORD: {
    when: "A saved state does not open: another storage key, changed bytes, records out of order, a rollback.",
    todo: "Nothing was restored. Check the storage key and that all records are there in their order; otherwise join again.",
  },
  ERR_USAGE: {
    when: "The call asks for something that the protocol or this group's state does not allow.",
    todo: "Change the call; the message says what it may not be.",
  },
  ERR_RANDOM: {
    when: "The source of randomness failed, gave too few bytes, gave zeros, or repeats itself.",
    todo: "Repair the `random` that was passed in. Nothing has been sent or changed.",
  },
  ERR_INTERNAL: {
    when: "A fault of this library.",
    todo: "Please report it, with the message and the steps.",
  },
  ERR_ENGINE_POISONED: {
    when: "The core stopped unexpectedly before; its memory was wiped.",
    todo: "Make a new `Engine`, restore from storage, and report what came before.",
  },
  ERR_NO_SIMD: {
    when: "The runtime lacks WebAssembly SIMD.",
    todo: "Use a current runtime; every browser since 2023 has it.",
  },
  ERR_NO_WASM: {
    when: "The runtime has no WebAssembly, or refuses to compile it.",
    todo: "Allow `'wasm-unsafe-eval'` in the page's Content-Security-Policy; where the main thread may not compile, `await Engine.create()`.",
  },
};
