// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/shared_vector.h"

#include <QTest>
#include <algorithm>
#include <numeric>

#include "tests/gui/support/suite.h"

namespace vsdump::gui {

class SharedVectorTest : public QObject {
  Q_OBJECT

 private slots:
  void keepsElementsInOrder() {
    SharedVector<int> numbers;
    QVERIFY(numbers.empty());
    for (int first = 0; first < kCount; first += 100) numbers.append(numbersFrom(first, 100));
    QCOMPARE(numbers.size(), std::size_t{kCount});
    QCOMPARE(numbers.front(), 0);
    int expected = 0;
    for (const int number : numbers) QCOMPARE(number, expected++);
    QCOMPARE(expected, kCount);
  }

  void putsElementsOverThoseThatAreThereAndBehind() {
    SharedVector<int> numbers;
    numbers.append(numbersFrom(0, kCount));
    const auto placeOf = [](int number) { return static_cast<std::size_t>(number) % kTen; };
    numbers.put({kTen + 3, kTen + 4, kTen + 700}, placeOf);
    numbers.put({kTen + kCount, kTen + kCount + 1}, placeOf);
    QCOMPARE(numbers.size(), std::size_t{kCount + 2});
    QCOMPARE(numbers[2], 2);
    QCOMPARE(numbers[3], kTen + 3);
    QCOMPARE(numbers[4], kTen + 4);
    QCOMPARE(numbers[700], kTen + 700);
    QCOMPARE(numbers[701], 701);
    QCOMPARE(numbers[kCount + 1], kTen + kCount + 1);
  }

  void changesNoCopy() {
    SharedVector<int> numbers;
    numbers.append(numbersFrom(0, kCount));
    const SharedVector<int> copy = numbers;
    numbers.put({kTen}, [](int) { return std::size_t{5}; });
    numbers.append({kTen});
    QCOMPARE(numbers[5], kTen);
    QCOMPARE(copy[5], 5);
    QCOMPARE(copy.size(), std::size_t{kCount});
    QCOMPARE(&copy[500], &numbers[500]);  // and what is the same is there once
  }

 private:
  static constexpr int kCount = 1000;
  static constexpr int kTen = 10'000;

  static std::vector<int> numbersFrom(int first, int count) {
    std::vector<int> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), first);
    return numbers;
  }
};

}  // namespace vsdump::gui

VSDUMP_GUI_TEST(vsdump::gui::SharedVectorTest)
#include "shared_vector_test.moc"
