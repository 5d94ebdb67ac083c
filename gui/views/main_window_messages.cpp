// SPDX-License-Identifier: GPL-2.0-or-later
// The messages of payload protocols: decoded once a view wants them, and what is chosen of them.
#include "gui/views/main_window.h"

namespace vsdump::gui {

/// Decodes what has not been decoded yet, where a view that shows messages is in front.
void MainWindow::decodeMessages() {
  const QWidget* front = tabs_->currentWidget();
  const bool isWanted = front == messages_ || front == sequence_ || front == timeline_ ||
                        (front == stream_ && stream_->form() == StreamForm::Messages);
  if (!isWanted || !trace_.isOpen() || isDecoding_ || collector_->isFinished()) return;
  // A file is read first: decoding beside it would make both take longer.
  if (isReading_ && !isLive_) return messages_->setNote(true, 0);
  if (isReading_ && collector_->taken() == trace_.packetCount()) return;
  isDecoding_ = true;
  messages_->setNote(true, collector_->beyond());
  decoding_ =
      std::make_unique<Job>([this, collector = collector_, trace = trace_,
                             whole = !isReading_](const std::stop_token& stop) -> Job::Delivery {
        collector->take(trace, stop);
        if (stop.stop_requested()) return {};
        if (whole) collector->finish();
        return [this, messages = collector->messages()] { onDecoded(messages); };
      });
}

void MainWindow::onDecoded(const Messages& messages) {
  isDecoding_ = false;
  messageModel_.show(messages);
  showMessages();
  // More may have been read meanwhile.
  decodeMessages();
}

/// Shows the messages of what is chosen in the views that have them.
void MainWindow::showMessages() {
  std::optional<std::vector<std::uint32_t>> connections;
  if (selected_) connections = selected_->connections;
  if (!connections_.empty()) connections = connections_;
  messageModel_.select(std::move(connections), range_);
  messages_->setNote(isDecoding_, collector_->beyond());
  sequence_->viewport()->update();
  summarizeMessages();
}

/// Brings up to date what the view in front makes of all messages that are shown.
void MainWindow::summarizeMessages() {
  const QWidget* front = tabs_->currentWidget();
  summarizing_.reset();
  if (front == timeline_) {
    summarizing_ = std::make_unique<Job>(
        [this, trace = trace_, shown = messageModel_.shownMessages()](const std::stop_token& stop) {
          return [this, dots = dotsOf(trace, shown, stop)] { timeline_->displayLatencies(dots); };
        });
  } else if (front == stream_ && stream_->form() == StreamForm::Messages &&
             connections_.size() == 1) {
    summarizing_ = std::make_unique<Job>(
        [this, trace = trace_, shown = messageModel_.shownMessages(),
         connection = ConnectionId{connections_.front()}](const std::stop_token&) {
          return [this, contents = streamOf(trace, shown.rows, connection)] {
            stream_->display(contents);
          };
        });
  }
}

/// Shows the packet that completes a message; asked again, the one that completes its reply.
void MainWindow::openMessage(const MessageRow& message) {
  const bool wantsReply = openedMessage_ == message.packet && message.replyPacket != FrameNumber{};
  openedMessage_ = wantsReply ? FrameNumber{} : message.packet;
  chooseConnection(message.connection);
  tabs_->setCurrentWidget(packetTable_);
  choosePacketNumber(raw(wantsReply ? message.replyPacket : message.packet));
}

}  // namespace vsdump::gui
