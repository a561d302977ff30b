// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and a request to terminate end the program at once, in one line and with exit code 128 + the signal, but never while
// something is being written.
#pragma once

namespace ringfence {

/// From now on SIGINT and SIGTERM end the program, unless they were ignored before. What a verb has found and not written is lost.
/// Once, before another thread is started.
void end_on_interrupt();

/// While one lives, an interrupt waits for its end.
class InterruptsHeld {
 public:
  InterruptsHeld();
  ~InterruptsHeld();
  InterruptsHeld(const InterruptsHeld&) = delete;
  InterruptsHeld& operator=(const InterruptsHeld&) = delete;
};

}  // namespace ringfence
