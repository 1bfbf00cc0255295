// Constant-time check: rewrites a WebAssembly module so that it reports all that an observer of its timing
// might see, namely every branch condition, `select` condition, memory address, length of a copy, indirect
// call and operand of a division. Two runs that differ only in secrets must then report the same.
//
// What this does not see: what the engine's compiler makes of the module, and the processor.
import binaryen from "binaryen";

/**
 * @typedef {number} Expression an expression of binaryen
 * @typedef {{ function: string, kind: string, text: string }} Site one place that reports
 * @typedef {{ module: WebAssembly.Module, sites: Site[] }} Instrumented
 * @typedef {{ position: number, site: number }} Difference the first event that differs, and where
 */

// The operands of every kind of expression that the compiler emits. Those marked with ! are reported.
/** @type {Record<string, string[]>} */
const operandsByKind = {
  Nop: [],
  Unreachable: [],
  LocalGet: [],
  GlobalGet: [],
  Const: [],
  MemorySize: [],
  If: ["Condition!", "IfTrue", "IfFalse"],
  Loop: ["Body"],
  Break: ["Value", "Condition!"],
  Switch: ["Value", "Condition!"],
  CallIndirect: ["Target!"],
  LocalSet: ["Value"],
  GlobalSet: ["Value"],
  Load: ["Ptr!"],
  Store: ["Ptr!", "Value"],
  Unary: ["Value"],
  Binary: ["Left", "Right"],
  Select: ["IfTrue", "IfFalse", "Condition!"],
  Drop: ["Value"],
  Return: ["Value"],
  MemoryGrow: ["Delta!"],
  MemoryCopy: ["Dest!", "Source!", "Size!"],
  MemoryFill: ["Dest!", "Value", "Size!"],
  SIMDExtract: ["Vec"],
  SIMDReplace: ["Vec", "Value"],
  SIMDShuffle: ["Left", "Right"],
  SIMDTernary: ["A", "B", "C"],
  SIMDShift: ["Vec", "Shift"],
  SIMDLoad: ["Ptr!"],
  SIMDLoadStoreLane: ["Ptr!", "Vec"],
};
const listsByKind = /** @type {Record<string, string>} */ ({
  Block: "Child",
  Call: "Operand",
  CallIndirect: "Operand",
});

/** @type {any} */
const ir = binaryen;
/** @type {Map<number, string>} */
const kindById = new Map(
  [...Object.keys(operandsByKind), ...Object.keys(listsByKind)].map((kind) => [ir[`${kind}Id`], kind]),
);
const divisions = new Set(
  ["Int32", "Int64"].flatMap((type) => ["DivS", "DivU", "RemS", "RemU"].map((operation) => ir[`${operation}${type}`])),
);

/**
 * Rewrites a module. Its new imports are `observe.word(value: i32, site: i32): i32` and
 * `observe.long(value: i64, site: i32): i64`, which must return the value.
 * @param {Uint8Array} bytes
 * @param {number} [textOf] the one site to give the text of: it takes long
 * @returns {Instrumented}
 */
export function instrument(bytes, textOf) {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(binaryen.Features.All);
  const { i32, i64 } = binaryen;
  module.addFunctionImport("observe.word", "observe", "word", binaryen.createType([i32, i32]), i32);
  module.addFunctionImport("observe.long", "observe", "long", binaryen.createType([i64, i32]), i64);
  /** @type {Site[]} */
  const sites = [];
  let name = "";

  /** @param {Expression} operand @param {Expression} parent @param {string} kind */
  const report = (operand, parent, kind) => {
    const type = binaryen.getExpressionType(operand);
    if (type === binaryen.unreachable || binaryen.getExpressionId(operand) === binaryen.ConstId) return operand;
    if (type !== i32 && type !== i64) throw new Error(`cannot report a ${kind} of type ${type} in ${name}`);
    const text = sites.length === textOf ? binaryen.emitText(parent).split("\n", 8).join("\n") : "";
    const site = module.i32.const(sites.length);
    sites.push({ function: name, kind, text });
    return type === i32
      ? module.call("observe.word", [operand, site], i32)
      : module.call("observe.long", [operand, site], i64);
  };

  /** @param {Expression} expression */
  const visit = (expression) => {
    const kind = kindById.get(binaryen.getExpressionId(expression));
    if (kind === undefined) throw new Error(`unknown expression in ${name}: ${binaryen.emitText(expression)}`);
    const access = ir[kind];
    const list = listsByKind[kind];
    if (list !== undefined) {
      const count = list === "Child" ? access.getNumChildren(expression) : access.getNumOperands(expression);
      for (let i = 0; i < count; i++) visit(access[`get${list}At`](expression, i));
    }
    const isDivision = kind === "Binary" && divisions.has(access.getOp(expression));
    for (const marked of operandsByKind[kind] ?? []) {
      const operand = marked.replace("!", "");
      const child = access[`get${operand}`](expression);
      if (!child) continue;
      visit(child);
      if (operand === marked && !isDivision) continue;
      access[`set${operand}`](expression, report(child, expression, `${kind} ${operand.toLowerCase()}`));
    }
  };

  for (let i = 0; i < module.getNumFunctions(); i++) {
    const info = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    if (info.body === 0 || info.module) continue;
    name = info.name;
    visit(info.body);
  }
  // Names that the module itself has not kept: those of its exports.
  const exported = new Map(
    Array.from({ length: module.getNumExports() }, (_, i) => binaryen.getExportInfo(module.getExportByIndex(i)))
      .filter((info) => info.kind === binaryen.ExternalFunction)
      .map((info) => [info.value, info.name]),
  );
  for (const site of sites) site.function = exported.get(site.function) ?? site.function;
  const binary = module.emitBinary();
  module.dispose();
  return { module: new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (binary)), sites };
}

/** Records what the first run reports and compares every later run with it. */
export class Observer {
  /** @type {number[]} */
  #sites = [];
  /** @type {(number | bigint)[]} */
  #values = [];
  #position = 0;
  #active = false;
  #recorded = false;
  /** @type {Difference | undefined} */
  #difference;
  /** The imports that the instrumented module needs. */
  imports = {
    observe: {
      /** @param {number} value @param {number} site */
      word: (value, site) => {
        if (this.#active) this.#see(value, site);
        return value;
      },
      /** @param {bigint} value @param {number} site */
      long: (value, site) => {
        if (this.#active) this.#see(value, site);
        return value;
      },
    },
  };

  /** The number of events of the first run. */
  get events() {
    return this.#sites.length;
  }

  /** @param {number | bigint} value @param {number} site */
  #see(value, site) {
    if (!this.#recorded) {
      this.#sites.push(site);
      this.#values.push(value);
      return;
    }
    const position = this.#position++;
    if (this.#sites[position] === site && this.#values[position] === value) return;
    this.#difference ??= { position, site };
  }

  /**
   * Watches one run; returns where it first differs from the first run, if it does.
   * @param {() => void} run
   * @returns {Difference | undefined}
   */
  watch(run) {
    this.#position = 0;
    this.#difference = undefined;
    this.#active = true;
    try {
      run();
    } finally {
      this.#active = false;
    }
    if (this.#recorded && this.#position < this.events) this.#difference ??= { position: this.#position, site: -1 };
    this.#recorded = true;
    return this.#difference;
  }
}

/**
 * A difference in words.
 * @param {Uint8Array} bytes the module before instrumentation
 * @param {Difference} difference
 */
export function describeDifference(bytes, { position, site }) {
  if (site < 0) return `event ${position}: one run ends here, the other goes on`;
  const place = instrument(bytes, site).sites[site];
  return `event ${position}: ${place?.kind} in function ${place?.function}\n${place?.text}`;
}
