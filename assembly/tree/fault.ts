// Where and why the last tree operation failed, for the error message on the other side.

let faultNode: u32 = 0;
let faultRule: i32 = 0;

/** Notes the node and the rule (RULE_… of layout.ts) and passes the status on. */
export function fault(status: i32, node: u32, rule: i32): i32 {
  faultNode = node;
  faultRule = rule;
  return status;
}

/** The node at which the last failed tree operation stopped. */
export function treeErrorNode(): i32 {
  return <i32>faultNode;
}

/** The rule it found broken, RULE_NONE when the status says it all. */
export function treeErrorRule(): i32 {
  return faultRule;
}
