// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <compare>
#include <string>
#include <vector>

#include "cli/analysis/analysis.h"
#include "cli/analysis/commands.h"
#include "cli/analysis/connection_json.h"
#include "cli/analysis/connection_table.h"
#include "cli/run/messages.h"
#include "dissector/payload/reader.h"
#include "dissector/text/quantity.h"

namespace vsdump {

namespace {

/// A text that is renewed in place on a terminal.
class Screen {
 public:
  /// Takes what was drawn off the screen. `columns` is the terminal's width now: lines that were
  /// drawn on a wider one have been broken by it.
  void erase(LineBuffer& out, std::size_t columns) {
    std::size_t rows = 0;
    for (const std::size_t length : lengths_)
      rows += std::max<std::size_t>(1, (length + columns - 1) / columns);
    if (rows != 0) out.put(fmt::format("\033[{}A\r\033[J", rows));
    lengths_.clear();
  }

  void draw(LineBuffer& out, std::string_view lines) {
    out.put(lines);
    while (!lines.empty()) {
      const std::size_t end = lines.find('\n');
      lengths_.push_back(end);
      lines.remove_prefix(end + 1);
    }
  }

 private:
  std::vector<std::size_t> lengths_;
};

class Connections final : public Analysis, private payload::MessageConsumer {
 public:
  explicit Connections(const Options& options)
      : Analysis(options),
        reader_(*this, options.decodeAs),
        output_(standardOutput()),
        isDrawn_(isLive() && !options.json && ::isatty(STDOUT_FILENO) == 1) {
    keepsStalls_ = options.json;
  }

  Result<int> print() {
    Result<void> read = run();
    screen_.erase(output_.buffer(), terminalSize().columns);
    if (!read) return tl::unexpected(std::move(read.error()));
    Result<void> printed = options_.json ? printJson() : printTable();
    if (printed) printed = output_.flush();
    if (!printed) return tl::unexpected(std::move(printed.error()));
    return kExitDone;
  }

 private:
  void observed(const Frame& frame, const Packet& packet, const Observation& seen) override {
    reader_.take(frame, packet, seen, tracker_.current());
  }
  bool recognised(ConnectionId id, std::string_view name) override {
    nameProtocol(id, name);
    return payload::findProtocol(name)->mayTurn;  // else the name is enough
  }
  void ended(const Connection& connection) override {
    reader_.ended(connection.id);
    Analysis::ended(connection);
  }
  void closed(const ConnectionRow& row) override {
    if (isLive() && options_.json) putJson(row);
  }

  bool isDone() const override { return output_.closed(); }

  Result<void> tick(std::int64_t) override {
    if (isDrawn_) drawTable();
    return output_.flush();
  }

  void putJson(const ConnectionRow& row) {
    const auto stalls = stalls_.find(row.id);
    putConnectionJson(output_.buffer(), row, serviceOf(row),
                      stalls == stalls_.end() ? std::span<const Stall>{} : stalls->second,
                      findings_);
  }

  Result<void> printJson() {
    if (isLive()) return {};  // each was printed as it ended
    for (const ConnectionRow* row : sorted(pointersTo(rows_))) {
      putJson(*row);
      if (Result<void> written = output_.flushIfLarge(); !written) return written;
    }
    return {};
  }

  Result<void> printTable() {
    // Twice over the rows, as the cells of a million of them would not fit well into memory.
    ConnectionTable table(terminalSize().columns);
    const auto rows = sorted(pointersTo(rows_));
    for (const ConnectionRow* row : rows) table.widen(cells(*row));
    table.fit();
    LineBuffer& out = output_.buffer();
    out.put(table.head());
    for (const ConnectionRow* row : rows) {
      out.put(table.line(cells(*row)));
      if (Result<void> written = output_.flushIfLarge(); !written) return written;
    }
    out.put(summary(totals_));
    if (totals_.connections > rows_.size()) {
      out.put(fmt::format("The rows of {} more are not kept; see --keep.\n",
                          counted(totals_.connections - rows_.size(), "connection")));
    }
    return {};
  }

  /// What fits on the screen: the end of the table.
  void drawTable() {
    const TerminalSize size = terminalSize();
    std::vector<ConnectionRow> live;
    tracker_.forEach([&](const Connection& c) {
      if (isSelected(c.id)) live.push_back(rowOf(c));
    });
    SelectedTotals totals = totals_;
    for (const ConnectionRow& row : live) totals.add(row);
    std::vector<const ConnectionRow*> rows = pointersTo(rows_);
    for (const ConnectionRow& row : live) rows.push_back(&row);
    rows = sorted(std::move(rows));
    const std::size_t room = std::max<std::size_t>(size.rows, 5) - 4;
    // By number the newest are of interest, by anything else the largest.
    const bool wantsLast = options_.sortColumn == SortColumn::Id;
    if (rows.size() > room) {
      wantsLast ? rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(room))
                : rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(room), rows.end());
    }
    ConnectionTable table(size.columns);
    for (const ConnectionRow* row : rows) table.widen(cells(*row));
    table.fit();
    std::vector<std::string> lines;
    std::size_t used = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      // Rows may have notes below them, so that fewer fit.
      const ConnectionRow* row = rows[wantsLast ? rows.size() - 1 - i : i];
      std::string text = table.line(cells(*row));
      used += static_cast<std::size_t>(std::ranges::count(text, '\n'));
      if (used > room) break;
      lines.push_back(std::move(text));
    }
    if (wantsLast) std::ranges::reverse(lines);
    std::string text = table.head();
    for (const std::string& line : lines) text += line;
    screen_.erase(output_.buffer(), size.columns);
    screen_.draw(output_.buffer(), text + summary(totals));
  }

  TableCells cells(const ConnectionRow& row) const {
    return cellsOf(row, serviceOf(row), findings_.notesOf(row.id), options_.numericNames);
  }

  static std::vector<const ConnectionRow*> pointersTo(const std::deque<ConnectionRow>& rows) {
    std::vector<const ConnectionRow*> pointers;
    pointers.reserve(rows.size());
    for (const ConnectionRow& row : rows) pointers.push_back(&row);
    return pointers;
  }

  std::strong_ordering compare(const ConnectionRow& a, const ConnectionRow& b) const {
    switch (options_.sortColumn) {
      case SortColumn::Client:
        return a.client <=> b.client;
      case SortColumn::Server:
        return a.server <=> b.server;
      case SortColumn::Service:
        return serviceOf(a).name <=> serviceOf(b).name;
      case SortColumn::State:
        return a.state <=> b.state;
      case SortColumn::Handshake:
        return b.handshakeNs.value_or(-1) <=> a.handshakeNs.value_or(-1);
      case SortColumn::Duration:
        return b.durationNs() <=> a.durationNs();
      case SortColumn::ToServer:
        return b.ways[0].bytes <=> a.ways[0].bytes;
      case SortColumn::ToClient:
        return b.ways[1].bytes <=> a.ways[1].bytes;
      case SortColumn::Stalls:
        return b.stalls <=> a.stalls;
      case SortColumn::Id:
        break;
    }
    return std::strong_ordering::equal;
  }

  std::vector<const ConnectionRow*> sorted(std::vector<const ConnectionRow*> rows) const {
    std::ranges::sort(rows, [&](const ConnectionRow* a, const ConnectionRow* b) {
      const auto order = compare(*a, *b);
      return std::is_eq(order) ? raw(a->id) < raw(b->id) : std::is_lt(order);
    });
    return rows;
  }

  static std::string summary(const SelectedTotals& totals) {
    return fmt::format("{}, {} refused, {} stalled; {} to servers, {} to clients\n",
                       counted(totals.connections, "connection"), grouped(totals.refused),
                       grouped(totals.stalled), sizeText(totals.bytes[0]),
                       sizeText(totals.bytes[1]));
  }

  payload::MessageReader reader_;
  Output output_;
  Screen screen_;
  bool isDrawn_;
};

}  // namespace

Result<int> runConnections(const Options& options) {
  return Connections(options).print();
}

}  // namespace vsdump
