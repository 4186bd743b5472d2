// The writer of each format, by what they have in common.
#pragma once

#include "sim/capture/change_writer.h"

namespace rehearse {

std::unique_ptr<ChangeWriter> make_wal2json2_writer();
std::unique_ptr<ChangeWriter> make_wal2json1_writer();
std::unique_ptr<ChangeWriter> make_debezium_writer();
std::unique_ptr<ChangeWriter> make_maxwell_writer();
std::unique_ptr<ChangeWriter> make_canal_writer();
std::unique_ptr<ChangeWriter> make_goldengate_writer();
std::unique_ptr<ChangeWriter> make_dms_writer();

}  // namespace rehearse
