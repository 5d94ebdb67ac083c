// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/trace_loader.h"

#include <QTimer>
#include <utility>

#include "gui/models/trace_reading.h"

namespace vsdump::gui {

namespace {

/// How long a program may take to give what it has when it is to end.
constexpr std::chrono::milliseconds kStopPatience{2000};

}  // namespace

TraceLoader::TraceLoader(QObject* parent) : QObject(parent) {
  qRegisterMetaType<std::shared_ptr<vsdump::gui::TraceUpdate>>();
  qRegisterMetaType<vsdump::gui::TraceLoader::Ending>();
}

TraceLoader::~TraceLoader() = default;

void TraceLoader::open(const TraceInput& input) {
  begin({}, input);
}

void TraceLoader::add(const Trace& before, const TraceInput& input) {
  begin(before, input);
}

void TraceLoader::begin(Trace before, TraceInput input) {
  thread_ = std::jthread([this, before = std::move(before),
                          input = std::move(input)](const std::stop_token& atOnce) mutable {
    const TraceListener listener{
        .opened =
            [this](const OpenedInput& open) {
              isOpen_ = true;
              emit opened(open.isSpooled && open.isUnending, open.isUnending);
            },
        .updated =
            [this](TraceUpdate&& update) {
              emit updated(std::make_shared<TraceUpdate>(std::move(update)));
            },
        .noticed =
            [this](std::string_view text) {
              emit noticed(QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())));
            }};
    TraceReading reading(std::move(before), {.atOnce = atOnce, .soon = asked_.get_token()},
                         listener);
    const Result<Ending> ending = reading.run(input);
    if (ending) return emit ended(*ending, {});
    emit ended(Ending::Failed, QString::fromStdString(describe(ending.error())));
  });
}

void TraceLoader::stop() {
  asked_.request_stop();
  // Before that there is nothing to be had.
  if (!isOpen_) thread_.request_stop();
  QTimer::singleShot(kStopPatience, this, [this] { thread_.request_stop(); });
}

}  // namespace vsdump::gui
