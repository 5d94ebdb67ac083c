// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/frame_store.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <vector>

#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class FrameStoreTest : public QObject {
  Q_OBJECT

 private slots:
  void givesBackWhatWasAppended() {
    QTemporaryDir folder;
    const auto store = *FrameStore::spool(folder.path().toStdString());
    QVERIFY(QDir(folder.path()).isEmpty());  // it has no name
    std::vector<std::uint64_t> offsets;
    for (unsigned i = 0; i < 3000; ++i) offsets.push_back(*store->append(bytesOf(i)));
    QVERIFY(store->flush().has_value());
    for (unsigned i = 0; i < 3000; ++i) {
      std::vector<std::byte> read(bytesOf(i).size());
      QCOMPARE(store->read(offsets[i], read), read.size());
      QVERIFY(read == bytesOf(i));
    }
  }

  void readsNoFurtherThanItsEnd() {
    const auto store = *FrameStore::spool(QDir::tempPath().toStdString());
    QVERIFY(store->append(bytesOf(10)).has_value());
    QVERIFY(store->flush().has_value());
    std::vector<std::byte> read(1000);
    QCOMPARE(store->read(0, read), bytesOf(10).size());
    QCOMPARE(store->read(5000, read), std::size_t{0});
  }

  void saysWhereItCannotBe() {
    const auto store = FrameStore::spool("/nonexistent");
    QVERIFY(!store.has_value());
    QVERIFY(describe(store.error()).find("/nonexistent") != std::string::npos);
  }

 private:
  static std::vector<std::byte> bytesOf(unsigned i) {
    return std::vector<std::byte>(i % 700 + 1, std::byte{static_cast<unsigned char>(i)});
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::FrameStoreTest)
#include "frame_store_test.moc"
