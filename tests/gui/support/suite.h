// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QObject>
#include <memory>

namespace vsdump::gui {

/// Makes a test class known to the program it is in, under the name of its source without ".cpp".
class RegisteredTest {
 public:
  using Make = std::unique_ptr<QObject> (*)();

  RegisteredTest(const char* source, Make make);
};

}  // namespace vsdump::gui

/// One in each source, in the place of QTEST_MAIN: Qt's headers are dear to compile, so that the
/// sources of a library's tests are one program.
#define VSDUMP_GUI_TEST(TestClass) VSDUMP_GUI_TEST_NAMED(TestClass, __COUNTER__)
#define VSDUMP_GUI_TEST_NAMED(TestClass, number) VSDUMP_GUI_TEST_JOINED(TestClass, number)
#define VSDUMP_GUI_TEST_JOINED(TestClass, number)         \
  static const vsdump::gui::RegisteredTest kTest##number( \
      __FILE__, []() -> std::unique_ptr<QObject> { return std::make_unique<TestClass>(); });
