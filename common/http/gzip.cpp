#include "common/http/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>

#include "common/base/invariant.hpp"

namespace rightplace::http {
namespace {

constexpr int gzip_window = 15 + 16;  // zlib: the largest window, with gzip's header and checksum
constexpr int memory_level = 8;       // zlib's default
constexpr std::size_t chunk_bytes = 16 * 1024;

z_stream over(std::string_view bytes) {
    z_stream stream{};
    // zlib does not write to its input; its interface is older than const.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    return stream;
}

}  // namespace

std::string gzip(std::string_view bytes) {
    auto stream = over(bytes);
    INVARIANT(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) ==
              Z_OK);
    std::string out(deflateBound(&stream, stream.avail_in), '\0');
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    INVARIANT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

Result<std::string, GunzipError> gunzip(std::string_view bytes, std::size_t max_bytes) {
    auto stream = over(bytes);
    INVARIANT(inflateInit2(&stream, gzip_window) == Z_OK);
    const std::unique_ptr<z_stream, int (*)(z_stream*)> at_end(&stream, inflateEnd);
    std::string out;
    std::array<char, chunk_bytes> chunk{};
    while (true) {
        const auto room = std::min(chunk.size(), max_bytes + 1 - out.size());
        stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
        stream.avail_out = static_cast<uInt>(room);
        const int state = inflate(&stream, Z_NO_FLUSH);
        if (state != Z_OK && state != Z_STREAM_END) return Failure{GunzipError::broken};
        out.append(chunk.data(), room - stream.avail_out);
        if (out.size() > max_bytes) return Failure{GunzipError::too_large};
        if (state == Z_STREAM_END && stream.avail_in == 0) return out;
        // A file may hold several members, one after the other.
        if (state == Z_STREAM_END && inflateReset(&stream) != Z_OK) return Failure{GunzipError::broken};
    }
}

}  // namespace rightplace::http
