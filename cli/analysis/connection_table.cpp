// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/analysis/connection_table.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "dissector/connection/finding_text.h"
#include "dissector/text/quantity.h"

namespace vsdump {

namespace {

constexpr std::string_view kGap = "  ";

constexpr std::size_t at(TableColumn column) {
  return static_cast<std::size_t>(column);
}

bool isNumber(std::size_t column) {
  return column == at(TableColumn::Id) ||
         (column >= at(TableColumn::Handshake) && column <= at(TableColumn::ToClient));
}

std::string stateText(const ConnectionRow& c) {
  std::string text(stateWord(c.state));
  std::ranges::replace(text, '_', ' ');
  if (c.isPartial) text = c.state == ConnectionState::Open ? "partial" : "partial, " + text;
  if (c.state == ConnectionState::Closed || c.state == ConnectionState::Reset) {
    if (c.endedBy == Side::Client) text += " by client";
    if (c.endedBy == Side::Server) text += " by server";
  }
  return text;
}

/// Breaks a text between blanks into indented lines.
std::string below(std::string_view text, std::size_t width) {
  constexpr std::string_view kIndent = "     ";
  std::string out(kIndent);
  std::size_t column = kIndent.size();
  while (!text.empty()) {
    const std::size_t blanks = std::min(text.find_first_not_of(' '), text.size());
    const std::size_t end = std::min(text.find(' ', blanks), text.size());
    if (column > kIndent.size() && column + end > width) {
      out += '\n';
      out += kIndent;
      column = kIndent.size();
      text.remove_prefix(blanks);
      continue;
    }
    out += text.substr(0, end);
    column += end;
    text.remove_prefix(end);
  }
  return out + '\n';
}

}  // namespace

TableCells cellsOf(const ConnectionRow& row, ServiceName service, std::string notes, bool numeric) {
  std::string name = "-";
  if (!service.name.empty() && !numeric) {
    name = std::string(service.name) + (service.isGuess ? "?" : "");
  }
  if (row.stalls != 0) {
    notes += fmt::format("{}{}, {}", notes.empty() ? "" : ", ", counted(row.stalls, "stall"),
                         durationText(row.stalledNs));
  }
  return {std::to_string(raw(row.id)),
          endText(row.client, numeric),
          endText(row.server, numeric),
          std::move(name),
          stateText(row),
          row.handshakeNs ? durationText(static_cast<std::uint64_t>(*row.handshakeNs)) : "-",
          durationText(row.durationNs()),
          sizeText(row.ways[0].bytes),
          sizeText(row.ways[1].bytes),
          std::move(notes)};
}

ConnectionTable::ConnectionTable(std::size_t width) : width_(width) {
  isShown_.fill(true);
  for (std::size_t i = 0; i < widths_.size(); ++i) widths_[i] = heads()[i].size();
}

const TableCells& ConnectionTable::heads() {
  static const TableCells kHeads{"#",         "client",   "server",    "service",   "state",
                                 "handshake", "duration", "to server", "to client", "notes"};
  return kHeads;
}

void ConnectionTable::widen(const TableCells& cells) {
  for (std::size_t i = 0; i < widths_.size(); ++i) {
    widths_[i] = std::max(widths_[i], cells[i].size());
  }
  hasServices_ = hasServices_ || cells[at(TableColumn::Service)] != "-";
}

std::size_t ConnectionTable::rowWidth() const {
  std::size_t width = 0;
  for (std::size_t i = 0; i < widths_.size(); ++i) {
    if (isShown_[i]) width += widths_[i] + kGap.size();
  }
  return width - kGap.size();
}

void ConnectionTable::fit() {
  isShown_[at(TableColumn::Service)] = hasServices_;
  for (const TableColumn column :
       {TableColumn::Notes, TableColumn::Duration, TableColumn::Handshake, TableColumn::Service,
        TableColumn::ToClient, TableColumn::ToServer}) {
    if (rowWidth() <= width_) return;
    isShown_[at(column)] = false;
  }
}

std::string ConnectionTable::line(const TableCells& cells) const {
  const bool isHead = &cells == &heads();
  std::string text;
  for (std::size_t i = 0; i < widths_.size(); ++i) {
    if (!isShown_[i]) continue;
    const std::string blanks(widths_[i] - std::min(widths_[i], cells[i].size()), ' ');
    if (!text.empty()) text += kGap;
    text += isNumber(i) ? blanks + cells[i] : cells[i] + blanks;
  }
  text.resize(text.find_last_not_of(' ') + 1);
  text += '\n';
  std::string rest;
  const auto addBelow = [&](const std::string& part) {
    if (!rest.empty() && !part.empty()) rest += kGap;
    rest += part;
  };
  for (const TableColumn column : {TableColumn::ToServer, TableColumn::ToClient}) {
    if (!isShown_[at(column)]) addBelow(cells[at(column)] + ' ' + heads()[at(column)]);
  }
  if (!isShown_[at(TableColumn::Notes)]) addBelow(cells[at(TableColumn::Notes)]);
  if (!isHead && !rest.empty()) text += below(rest, width_);
  return text;
}

TerminalSize terminalSize() {
  if (::isatty(STDOUT_FILENO) != 1) return {};
  winsize size{};
  const bool isKnown =
      ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 && size.ws_row != 0;
  // A serial line does not tell.
  return isKnown ? TerminalSize{size.ws_col, size.ws_row} : TerminalSize{.columns = 80, .rows = 24};
}

}  // namespace vsdump
