// SPDX-License-Identifier: Apache-2.0
// Marks what the shared library exports; everything else in it is hidden (runtime/CMakeLists.txt). For C and C++.
#pragma once

#define RINGFENCE_API __attribute__((visibility("default")))
#define RINGFENCE_LOCAL __attribute__((visibility("hidden")))   /* what a class that is exported keeps to itself */
