// SPDX-License-Identifier: Apache-2.0
// A transfer file, read record by record: JSON Lines or CSV, told apart by the file's name or its first character. README.md has the
// format. Memory is bounded by the longest line, and for a CSV batch by the most transfers that a batch may have.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <variant>

#include "command/csv.h"
#include "command/file.h"
#include "command/line_reader.h"
#include "command/record.h"
#include "runtime/limits.h"

namespace ringfence {

class TransferFile {
 public:
  static std::variant<TransferFile, FileError> open(const std::string& path, const Limits& = {});

  /// The file ended; `error`: it did so because it can't be read on, or is no transfer file.
  struct End { std::optional<FileError> error; };
  /// The next record, in the order of the file.
  std::variant<Record, BadLine, End> next();
  /// False when nothing more has arrived, so that `next` would wait for whoever writes into a pipe.
  bool has_next() { return !ready_.empty() || lines_.has_next(); }

 private:
  enum class Format : std::uint8_t { Unknown, Json, Csv };
  struct OpenBatch { std::uint32_t line = 0; BatchRecord batch; std::optional<std::string> wrong; };

  TransferFile(std::string path, OpenFile file, Format format, const Limits& limits);
  void read_line(const LineReader::Line&);
  void read_csv_line(const LineReader::Line&);
  void add_to_batch(std::uint32_t line, const std::string& batch, std::variant<Record, BadLine>);
  void close_batch();
  void read_more();

  std::string path_;
  OpenFile file_;
  Format format_;
  std::size_t line_bytes_max_;
  LineReader lines_;
  std::optional<CsvHeader> header_;
  std::optional<OpenBatch> open_batch_;
  std::deque<std::variant<Record, BadLine, End>> ready_;
};

}  // namespace ringfence
