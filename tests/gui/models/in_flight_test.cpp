// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/in_flight.h"

#include <QTest>

#include "tests/gui/support/suite.h"

namespace vsdump::gui {

namespace {

/// A packet at an offset of the stream, after which `unread` bytes are on their way.
Observation packet(std::uint64_t offset, std::uint32_t unread) {
  Observation seen;
  seen.streamOffset = offset;
  seen.window = 1000;
  seen.credit = 1000 - unread;
  return seen;
}

}  // namespace

class InFlightTest : public QObject {
  Q_OBJECT

 private slots:
  void countsPacketsUntilTheyAreRead() {
    InFlight flight;
    flight.told(0);
    flight.sent(packet(0, 100), 100);
    flight.sent(packet(100, 300), 200);
    QCOMPARE(flight.packets(), std::size_t{2});
    flight.told(99);
    QCOMPARE(flight.packets(), std::size_t{2});
    flight.told(100);
    QCOMPARE(flight.packets(), std::size_t{1});
    flight.told(300);
    QCOMPARE(flight.packets(), std::size_t{0});
  }

  void goesOnWhenTheCounterWraps() {
    InFlight flight;
    flight.told(0xFFFFFFF0);
    flight.sent(packet(5000, 50), 50);
    flight.told(34);
    QCOMPARE(flight.packets(), std::size_t{0});
  }

  void takesTheCreditsWordForWhatItHasNotSeen() {
    InFlight flight;
    flight.told(0);
    flight.sent(packet(0, 100), 100);
    flight.sent(packet(100, 100), 100);
    // Between them, the first was read: the packet that told was lost.
    QCOMPARE(flight.packets(), std::size_t{1});
    flight.told(7);
    flight.told(3);  // late
    QCOMPARE(flight.packets(), std::size_t{1});
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::InFlightTest)
#include "in_flight_test.moc"
