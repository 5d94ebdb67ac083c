// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "cli/analysis/analysis.h"

namespace vsdump {

/// The columns of the text table, in their order.
enum class TableColumn : std::size_t {
  Id,
  Client,
  Server,
  Service,
  State,
  Handshake,
  Duration,
  ToServer,
  ToClient,
  Notes,
  Count
};

/// The texts of a row. All are ASCII, and each character takes one place.
using TableCells = std::array<std::string, static_cast<std::size_t>(TableColumn::Count)>;

/// What a row shows. `notes` is what was found about the connection.
TableCells cellsOf(const ConnectionRow& row, ServiceName service, std::string notes, bool numeric);

/// A table that is not wider than its place: first see all rows with widen(), then print them.
///
/// Notes that find no room stand below their row; the duration, the handshake and the service are
/// left out if need be, and at worst the bytes go below the row as well.
class ConnectionTable {
 public:
  explicit ConnectionTable(std::size_t width);

  void widen(const TableCells& cells);

  /// Decides which columns there are.
  void fit();

  /// Lines with line feeds.
  std::string head() const { return line(heads()); }
  std::string line(const TableCells& cells) const;

 private:
  static const TableCells& heads();
  std::size_t rowWidth() const;

  std::size_t width_;
  std::array<std::size_t, static_cast<std::size_t>(TableColumn::Count)> widths_{};
  std::array<bool, static_cast<std::size_t>(TableColumn::Count)> isShown_{};
  bool hasServices_ = false;
};

/// The place that standard output has for a table: a terminal's size, and lines of any length in
/// files and pipes, where nothing has to be left out.
struct TerminalSize {
  static constexpr std::size_t kUnlimited = SIZE_MAX / 2;

  std::size_t columns = kUnlimited;
  std::size_t rows = kUnlimited;
};
TerminalSize terminalSize();

}  // namespace vsdump
