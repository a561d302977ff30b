// SPDX-License-Identifier: Apache-2.0
// The parts of the check pass, in the order in which check.cc runs them. Each reads the tree in the State, adds to its typed policy
// what is right, and reports what is wrong. Internal to `check`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/check_state.h"
#include "compiler/literals.h"

namespace ringfence::checking {

// ---- declarations (language reference, section 2)
void check_names(State&);      ///< assets, roles, purposes, evidence, entities
void check_places(State&);     ///< accounts, externals, buckets
void check_facts(State&);
void check_calendars(State&);  ///< section 2.13
void check_machines(State&);   ///< their modes; transitions come with the rules
void check_fences(State&);     ///< section 3

// ---- statements (sections 4 to 6)
void check_rules(State&);
void check_floors(State&);
void check_limits(State&);     ///< after the rules: a limit without a pattern speaks of the pairs of the allow rules
void check_transitions(State&);
/// 4.8: once all transitions are known.
void check_brought_modes(State&);
void check_invariants(State&); ///< section 3.8

void check_scenarios(State&);  ///< section 11
void lint(State&);             ///< warnings; only for a policy without errors

// ---- shared by them

/// "Client.margin" of a pattern with owner and bucket.
std::string full_name(const PatternAst&);
/// The bucket or external of a pattern that may say only that: no words, no wildcard; brackets, when written, exactly the bucket's.
/// `what` says who asks: "a floor". Nothing after a diagnostic.
std::optional<Index> one_bucket(State&, const PatternAst&, const char* what);
/// Whether brackets, when written, name exactly the keys after the owner, in order. False after a diagnostic.
bool brackets_fit(State&, const PatternAst&, const std::vector<Index>& keys, bool owner_many, const std::string& name);
/// Whether no `other` or `any` is written. False after a diagnostic.
bool no_words(State&, const PatternAst&, const char* what);
/// Of a cut-off, with the schedule that it needs. Nothing after a diagnostic.
std::optional<Deadline> deadline_of(State&, const CutOffAst&);
/// The subject of a fact or a machine. Nothing after a diagnostic.
std::optional<Subject> find_subject(State&, const ReferenceAst&, const char* what);

/// An amount in minor units of a known asset; nothing after a diagnostic. A plain 0 needs no asset.
std::optional<Int128> amount_of(State&, const AmountAst&, Index asset);
/// A whole number, or a ratio in millionths, of a literal without an asset; nothing after a diagnostic.
std::optional<Int128> whole_number(State&, const AmountAst&);
std::optional<Int128> ratio_millionths(State&, const AmountAst&);
/// An instant in milliseconds since 1970; nothing after a diagnostic.
std::optional<std::int64_t> instant_of(State&, std::string_view text, SourceRange);
/// Whether the literal is a number of a unit of time. An asset of that name comes first.
bool is_duration(const State&, const AmountAst&);
/// Milliseconds of such a literal; nothing after a diagnostic.
std::optional<std::int64_t> length_of(State&, const AmountAst&);
/// A value for a fact's type, a flag excepted.
std::optional<Int128> value_of_type(State&, const AmountAst&, FactType, Index asset);
std::optional<std::int64_t> duration_of(State&, const DurationAst&);

/// "2.5 USDC"
std::string money(const Vocabulary&, Int128 minor_units, Index asset);

}  // namespace ringfence::checking
