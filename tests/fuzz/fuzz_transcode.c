/* A peer's segment, all the way: probe, count, transcode to one small picture.
 * The libraries are not instrumented; what this finds is their crashes, hangs
 * and our own mistakes around them. */
#include "src/media/ffmpeg.h"
#include "src/media/probe.h"
#include "src/media/transcode.h"

#include <stdbool.h>
#include <stdlib.h>

#define INPUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ladder l = {.n = 1, .r = {{.name = "p", .width = 146,
		.height = 82, .fps = 30, .bitrate = 100000}}};
	const struct transcode_config c = {.preset = "ultrafast", .threads = 1};
	struct transcode_input in = {.bytes = data, .size = size, .ladder = &l};
	struct transcode_output out;
	struct transcode *t;
	struct media_info info;
	int64_t pixels;

	if (size > INPUT_MAX)
		return 0;
	if (ffmpeg_load())
		abort();
	ffmpeg_log_to(NULL, NULL, 0);
	err_free(probe(data, size, &info));
	err_free(count_pixels(data, size, &pixels));
	t = transcode_new(&c);
	err_free(transcode_run(t, &in, &out));
	transcode_output_clear(&out);
	transcode_free(t);
	return 0;
}
