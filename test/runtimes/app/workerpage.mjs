// A page that lets a worker do it.
const worker = new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => (document.body.dataset.result = data);
worker.onerror = ({ message }) => (document.body.dataset.result = `the worker failed: ${message}`);
