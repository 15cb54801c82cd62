// Loaded into the emulator before its own code (node -r). The program that started it holds the other end of standard input:
// when that program ends, however it ends, the pipe closes, and the emulator saves what it has and ends too.
"use strict";
function end() {
  if (!process.emit("SIGTERM")) process.exit(0);
  setTimeout(() => process.exit(0), 3000).unref();
}
process.stdin.once("end", end).once("error", end).resume();
process.stdin.unref?.();
