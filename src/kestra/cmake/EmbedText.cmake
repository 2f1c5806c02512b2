# cmake -DINPUT=file -DOUTPUT=file.cc -DNAME=symbol -DNAMESPACE=ns -P EmbedText.cmake
# Writes a source file that holds the bytes of INPUT as `extern const std::string_view NAME`.
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "(................................................................)"
  "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT}.tmp "// Made by EmbedText.cmake from ${INPUT}.
#include <string_view>

namespace ${NAMESPACE} {

namespace {
constexpr unsigned char kBytes[] = {
${bytes}
};
}  // namespace

extern const std::string_view ${NAME};
const std::string_view ${NAME}(reinterpret_cast<const char*>(kBytes), sizeof(kBytes));

}  // namespace ${NAMESPACE}
")
file(RENAME ${OUTPUT}.tmp ${OUTPUT})
