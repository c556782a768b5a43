#include "src/media/ffmpeg.h"
#include "src/media/ffmpeg_calls.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define LOG_LINE_SIZE 512

struct err *ffmpeg_err(int rc)
{
	char text[AV_ERROR_MAX_STRING_SIZE];

	av_strerror(rc, text, sizeof(text));
	return err_new(rc == AVERROR(ENOMEM) ? ERR_LIMIT : ERR_MEDIA, "%s",
		text);
}

struct err *media_err(const char *wire_text)
{
	return err_new(ERR_MEDIA, "%s", wire_text);
}

/* The hook has no context argument, so this cannot live in an object. */
static void (*_Atomic log_sink)(void *ctx, const char *line);
static void *_Atomic log_ctx;
static atomic_int log_budget;

static void on_line(void *avcl, int level, const char *fmt, va_list ap)
{
	void (*sink)(void *, const char *) = atomic_load(&log_sink);
	char line[LOG_LINE_SIZE];
	int prefix = 1;
	size_t n;

	if (level > AV_LOG_WARNING || !sink ||
		atomic_fetch_sub(&log_budget, 1) <= 0)
		return;
	av_log_format_line(avcl, level, fmt, ap, line, sizeof(line), &prefix);
	n = strlen(line);
	if (n && line[n - 1] == '\n')
		line[n - 1] = '\0';
	sink(atomic_load(&log_ctx), line);
}

void ffmpeg_log_to(void (*sink)(void *ctx, const char *line), void *ctx,
	int budget)
{
	atomic_store(&log_ctx, ctx);
	atomic_store(&log_budget, budget);
	atomic_store(&log_sink, sink);
	av_log_set_level(AV_LOG_WARNING);
	av_log_set_callback(on_line);
}
