// SPDX-License-Identifier: Apache-2.0
// The three versions, each on its own and each at home here; README.md says what a change of each promises. CMakeLists.txt reads the
// library's from this file. For C and C++.
#pragma once

// The library, its headers and the command: semantic versioning, of which the C interface is the contract.
#define RINGFENCE_VERSION_MAJOR 1
#define RINGFENCE_VERSION_MINOR 6
#define RINGFENCE_VERSION_PATCH 0

// The bytes of a rule table (rule_table.md): one number. Which others are loaded: README.md, "Versions".
#define RINGFENCE_TABLE_VERSION 5

// The policy language (grammar/language.md) whose decisions these are.
#define RINGFENCE_LANGUAGE_VERSION_MAJOR 1
#define RINGFENCE_LANGUAGE_VERSION_MINOR 3
