// Loaded into the emulator before its own code (node -r). The program that started it holds the other end of standard input:
// when that program ends, however it ends, the pipe closes, and the emulator saves what it has and ends too.
"use strict";
function end() {
  if (!process.emit("SIGTERM")) process.exit(0);
  setTimeout(() => process.exit(0), 10000).unref();
}

// The interrupt key reaches every process of a terminal: what it ends, and in which order, is for the parent to say.
process.on("SIGINT", () => {});
const once = process.once;
process.once = function (event, ...rest) {
  return event === "SIGINT" ? this : once.call(this, event, ...rest);
};

// With the parent gone nobody reads what the emulator says at its end; a broken pipe must not stop it from saving.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

process.stdin.once("end", end).once("error", end).resume();
process.stdin.unref?.();
