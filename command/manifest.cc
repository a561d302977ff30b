// SPDX-License-Identifier: Apache-2.0
// See manifest.h.
#include "command/manifest.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "compiler/table_digest.h"

namespace ringfence {
namespace {

using nlohmann::ordered_json;

constexpr const char* kFormat = "ringfence certificate 1";

/// Throws where the word is none: parse_manifest catches it.
Answer answer_of(const std::string& word) {
  for (const Answer answer : {Answer::Proved, Answer::Refuted, Answer::Unknown})
    if (word == answer_word(answer)) return answer;
  throw std::invalid_argument("`" + word + "` is no verdict");
}

std::string file_name(const ManifestClaim& claim) { return fmt::format("{}_{}.smt2", claim.is_fence() ? "fence" : "property", claim.number); }

ordered_json to_json(const ManifestClaim& claim) {
  ordered_json out{{"kind", claim.kind}, {"number", claim.number}, {"line", claim.line}, {"text", claim.text}, {"answer", answer_word(claim.answer)}};
  if (claim.answer == Answer::Proved) out["obligations"] = claim.obligations;
  if (!claim.file.empty()) out.update({{"file", claim.file}, {"sha256", claim.sha256}});
  return out;
}

ManifestClaim claim_of(const ordered_json& json) {
  ManifestClaim claim{json.at("kind"), json.at("number"), json.at("line"), json.at("text"), answer_of(json.at("answer")), 0, {}, {}};
  if (claim.answer != Answer::Proved) return claim;
  claim.obligations = json.at("obligations");
  if (!claim.is_fence() && !json.contains("file")) return claim;
  claim.file = json.at("file");
  claim.sha256 = json.at("sha256");
  if (claim.file != file_name(claim)) throw std::invalid_argument("a file is not called after its claim");
  return claim;
}

void add_claim(Manifest& manifest, ManifestClaim claim, const std::string& certificate, std::uint32_t obligations) {
  if (claim.answer == Answer::Proved) claim.obligations = obligations;
  if (claim.answer == Answer::Proved && !certificate.empty()) {
    claim.file = file_name(claim);
    claim.sha256 = sha256(certificate);
  }
  manifest.claims.push_back(std::move(claim));
}

Manifest manifest_of(const ordered_json& json) {
  Manifest manifest{json.at("tool_version"), json.at("policy"), json.at("version"), json.at("source_digest"), json.at("table_digest"), {}, json.at("trusted")};
  for (const ordered_json& claim : json.at("claims")) manifest.claims.push_back(claim_of(claim));
  return manifest;
}

}  // namespace

bool Manifest::all_proved() const noexcept {
  return std::any_of(claims.begin(), claims.end(), [](const ManifestClaim& claim) { return claim.is_fence(); }) &&
         std::all_of(claims.begin(), claims.end(), [](const ManifestClaim& claim) { return claim.holds(); });
}

Manifest manifest_of(const RuleTable& table, const Moves& moves, const Verdict& verdict) {
  Manifest manifest{RINGFENCE_VERSION, moves.vocabulary.policy_name, moves.vocabulary.policy_version, moves.source_digest, table_digest(table.bytes()), {}, {}};
  for (const FenceVerdict& each : verdict.fences) {
    const Fence& fence = moves.vocabulary.fences[each.fence];
    add_claim(manifest, {"fence", each.fence + 1, fence.line, fence.text, each.answer, 0, {}, {}}, each.certificate, each.obligations);
  }
  for (std::uint32_t i = 0; i < verdict.properties.size(); ++i) {
    const PropertyVerdict& each = verdict.properties[i];
    add_claim(manifest, {property_word(each.kind), i + 1, each.line, each.claim, each.answer, 0, {}, {}}, each.certificate, each.obligations);
  }
  for (const Trust trust : trusted_in(verdict)) manifest.trusted.emplace_back(trust_sentence(trust));
  return manifest;
}

std::vector<std::string_view> certificates_of(const Verdict& verdict) {
  std::vector<std::string_view> texts;
  for (const FenceVerdict& each : verdict.fences) texts.emplace_back(each.certificate);
  for (const PropertyVerdict& each : verdict.properties) texts.emplace_back(each.certificate);
  return texts;
}

std::string print(const Manifest& manifest) {
  ordered_json document{{"format", kFormat}, {"tool_version", manifest.tool_version}, {"policy", manifest.policy}, {"version", manifest.policy_version},
                        {"source_digest", manifest.source_digest}, {"table_digest", manifest.table_digest},
                        {"claims", ordered_json::array()}, {"trusted", manifest.trusted}};
  for (const ManifestClaim& claim : manifest.claims) document["claims"].push_back(to_json(claim));
  return document.dump(2) + "\n";
}

std::variant<Manifest, std::string> parse_manifest(std::string_view text) {
  try {
    const ordered_json document = ordered_json::parse(text);
    if (document.at("format") != kFormat) return fmt::format("it is not of the format `{}`", kFormat);
    Manifest manifest = manifest_of(document);
    if (print(manifest) != text) return std::string("it is not written as a manifest is: something was added or laid out otherwise");
    return manifest;
  } catch (const ordered_json::exception&) {   // not JSON, a field missing or of another type
    return std::string("it is not a manifest");
  } catch (const std::invalid_argument& error) {
    return std::string(error.what());
  }
}

}  // namespace ringfence
