// The writer of each format, a file each but for wal2json's two.
#pragma once

#include "sim/capture/change_writer.h"

namespace rehearse {

std::unique_ptr<ChangeWriter> make_wal2json2_writer();
std::unique_ptr<ChangeWriter> make_wal2json1_writer();
std::unique_ptr<ChangeWriter> make_debezium_writer();
std::unique_ptr<ChangeWriter> make_maxwell_writer();
std::unique_ptr<ChangeWriter> make_canal_writer();

}  // namespace rehearse
