/** Collects garbage until buffers without an owner, which are freed beside the program, are gone too. */
export async function settle(): Promise<void> {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) throw new Error("this probe needs --expose-gc");
  for (let i = 0; i < 4; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
