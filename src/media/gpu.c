#include "src/media/gpu.h"
#include "src/media/encoder.h"
#include "src/media/ffmpeg.h"

#define TEST_WIDTH 256
#define TEST_HEIGHT 144

struct err *gpu_check_encoder(const char *device)
{
	const struct rendition r = {.width = TEST_WIDTH, .height = TEST_HEIGHT,
		.fps = 30, .bitrate = 1000000};
	struct encoder_options o = {.rendition = &r, .preset = "medium",
		.device = device, .time_base = {1, 30}, .frame_rate = {30, 1}};
	AVFrame *like = av_frame_alloc();
	struct encoder *encoder = NULL;
	struct err *e;

	if (!like)
		return ffmpeg_err(AVERROR(ENOMEM));
	like->width = TEST_WIDTH;
	like->height = TEST_HEIGHT;
	like->format = AV_PIX_FMT_YUV420P;
	e = encoder_open(&encoder, &o, like);
	encoder_free(encoder);
	av_frame_free(&like);
	return err_wrap(e, "NVIDIA device %s does not encode", device);
}
