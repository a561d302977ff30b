// SPDX-License-Identifier: Apache-2.0
// Ringfence for C++: load a rule table, ask what a transfer needs, decide; replace the table while threads decide. Or, without a ledger of your own,
// the in-memory gate. README.md shows how to embed it; ringfence_c.h is the same for C.
#pragma once

#include "decide.h"
#include "gate.h"
#include "live_table.h"
#include "mode_in_force.h"
#include "rule_table.h"
#include "version.h"
