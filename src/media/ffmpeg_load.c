#include "src/media/ffmpeg.h"
#include "src/media/ffmpeg_calls.h"

#include <dlfcn.h>
#include <string.h>

struct ffmpeg_calls ffmpeg;

/* Names as Debian has them; the versions are those of the headers, which the
 * layout of FFmpeg's structs depends on. */
#define LIBRARY(name, major)                                                   \
	{                                                                      \
		#name, "lib" #name ".so." AV_STRINGIFY(major),                 \
			"lib" #name AV_STRINGIFY(major)                        \
	}
static const struct library {
	const char *name, *file, *package;
} libraries[] = {
	LIBRARY(avutil, LIBAVUTIL_VERSION_MAJOR),
	LIBRARY(avcodec, LIBAVCODEC_VERSION_MAJOR),
	LIBRARY(avformat, LIBAVFORMAT_VERSION_MAJOR),
	LIBRARY(avfilter, LIBAVFILTER_VERSION_MAJOR),
};

static const struct call {
	const char *library, *function;
	void *to; /* a function pointer in `ffmpeg` */
} calls[] = {
#define CALL(library, function) {#library, #function, &ffmpeg.function##_},
#include "ffmpeg_calls.def"
#undef CALL
};

static struct err *missing(const struct library *l)
{
	return err_new(ERR_NOT_FOUND, "FFmpeg does not load: %s (Debian has it "
		"in %s)", dlerror(), l->package);
}

static struct err *load(const struct library *l)
{
	/* Whole, at once: the sandbox lets nothing be opened later. */
	void *library = dlopen(l->file, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return missing(l);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		void *at;

		if (strcmp(calls[i].library, l->name))
			continue;
		at = dlsym(library, calls[i].function);
		if (!at)
			return missing(l);
		memcpy(calls[i].to, &at, sizeof(at)); /* ISO C has no such cast */
	}
	return NULL;
}

struct err *ffmpeg_load(void)
{
	static bool loaded;
	struct err *e = NULL;

	for (size_t i = 0; !e && !loaded && i < ARRAY_SIZE(libraries); i++)
		e = load(&libraries[i]);
	loaded = !e;
	return e;
}
