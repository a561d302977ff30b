// SPDX-License-Identifier: Apache-2.0
// See transfer_file.h. A CSV batch is complete when a row of something else follows: with a row of it that can't be read the whole
// batch is left out, because it is all or nothing.
#include "command/transfer_file.h"

#include <cstring>
#include <utility>

#include <fmt/core.h>

#include "command/record_json.h"

namespace ringfence {
namespace {

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t") == std::string_view::npos; }

std::optional<std::string> wrong_with(const LineReader::Line& line, std::size_t bytes_max) {
  if (line.too_long) return fmt::format("longer than {} bytes", bytes_max);
  if (const auto place = invalid_utf8(line.text)) return fmt::format("not UTF-8 at byte {}", *place + 1);
  return std::nullopt;
}

}  // namespace

TransferFile::TransferFile(std::string path, OpenFile file, Format format, const Limits& limits)
    : path_(std::move(path)), file_(std::move(file)), format_(format), line_bytes_max_(limits.transfer_line_bytes),
      lines_(file_.get(), limits.transfer_line_bytes) {}

std::variant<TransferFile, FileError> TransferFile::open(const std::string& path, const Limits& limits) {
  auto opened = open_file(path);
  if (auto* error = std::get_if<FileError>(&opened)) return *error;
  const std::string_view name = path;
  const Format format = name.ends_with(".csv") ? Format::Csv
                        : name.ends_with(".jsonl") || name.ends_with(".json") ? Format::Json : Format::Unknown;
  return TransferFile(path, std::move(std::get<OpenFile>(opened)), format, limits);
}

std::variant<Record, BadLine, TransferFile::End> TransferFile::next() {
  while (ready_.empty()) read_more();
  auto result = std::move(ready_.front());
  ready_.pop_front();
  return result;
}

void TransferFile::read_more() {
  if (const auto line = lines_.next()) {
    if (line->too_long || !is_blank(line->text)) read_line(*line);
    return;
  }
  close_batch();
  if (lines_.error() == 0) ready_.push_back(End{});
  else ready_.push_back(End{FileError{fmt::format("can't read `{}`: {}", path_, std::strerror(lines_.error()))}});
}

void TransferFile::read_line(const LineReader::Line& line) {
  const auto wrong = wrong_with(line, line_bytes_max_);
  if (format_ == Format::Unknown && !wrong) format_ = line.text[line.text.find_first_not_of(" \t")] == '{' ? Format::Json : Format::Csv;
  if (format_ == Format::Csv && !header_ && wrong)
    return ready_.push_back(End{FileError{fmt::format("can't read `{}`: line {}: {}", path_, line.number, *wrong)}});
  if (format_ == Format::Csv && !wrong) return read_csv_line(line);
  if (wrong) {
    if (open_batch_) open_batch_->wrong = fmt::format("line {}", line.number);   // it may have been a row of it
    ready_.push_back(BadLine{line.number, *wrong});
    return;
  }
  std::visit([this](auto&& result) { ready_.push_back(std::move(result)); }, parse_record(line.text, line.number));
}

void TransferFile::read_csv_line(const LineReader::Line& line) {
  if (!header_) {
    auto header = CsvHeader::parse(line.text);
    if (const auto* wrong = std::get_if<std::string>(&header))
      return ready_.push_back(End{FileError{fmt::format("can't read `{}`: line {}: {}", path_, line.number, *wrong)}});
    header_ = std::move(std::get<CsvHeader>(header));
    return;
  }
  CsvHeader::Row row = header_->read(line.text, line.number);
  const bool broken_apart = row.batch.empty() && std::holds_alternative<BadLine>(row.record) && open_batch_;
  if (broken_apart) open_batch_->wrong = fmt::format("line {}", line.number);    // its `batch` cell can't be read
  if (row.batch.empty() && !broken_apart) close_batch();
  if (!row.batch.empty()) return add_to_batch(line.number, row.batch, std::move(row.record));
  std::visit([this](auto&& result) { ready_.push_back(std::move(result)); }, std::move(row.record));
}

void TransferFile::add_to_batch(std::uint32_t line, const std::string& batch, std::variant<Record, BadLine> row) {
  if (!open_batch_ || open_batch_->batch.id != batch) {
    close_batch();
    open_batch_.emplace();
    open_batch_->line = line;
    open_batch_->batch.id = batch;
    if (!is_id(batch)) open_batch_->wrong = "its name: letters, digits and _ - . : @, 1 to 64 bytes";
  }
  if (auto* bad = std::get_if<BadLine>(&row)) {
    open_batch_->wrong = fmt::format("line {}", line);
    ready_.push_back(std::move(*bad));
    return;
  }
  auto* transfer = std::get_if<TransferRecord>(&std::get<Record>(row).content);
  if (transfer == nullptr) {
    open_batch_->wrong = fmt::format("line {}", line);
    ready_.push_back(BadLine{line, "only transfers can be in a batch"});
  } else if (open_batch_->batch.transfers.size() >= kBatchMax) {
    open_batch_->wrong = fmt::format("line {}: a batch has at most {} transfers", line, kBatchMax);
  } else {
    open_batch_->batch.transfers.push_back(std::move(*transfer));
  }
}

void TransferFile::close_batch() {
  if (!open_batch_) return;
  OpenBatch closed = std::move(*open_batch_);
  open_batch_.reset();
  if (closed.wrong)
    ready_.push_back(BadLine{closed.line, fmt::format("batch `{}` is left out whole because of {}", closed.batch.id, *closed.wrong)});
  else ready_.push_back(Record{closed.line, std::move(closed.batch)});
}

}  // namespace ringfence
