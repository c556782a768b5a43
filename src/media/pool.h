#ifndef SRC_MEDIA_POOL_H
#define SRC_MEDIA_POOL_H
/* The worker processes: the only place where FFmpeg touches peers' bytes. The
 * pool is an actor that starts them (this binary, `weir worker`), feeds them
 * jobs through shared memory, watches, kills and restarts them. One worker per
 * CPU slot and one per GPU; a session stays on its worker while that lives, so
 * that encoder state survives between segments where it can.
 * Functions may be called from any thread. */
#include "src/base/actor.h"
#include "src/base/blob.h"
#include "src/base/log.h"
#include "src/model/rendition.h"
#include "src/model/wire.h"

struct pool;

struct pool_options {
	const char *exe;	/* /proc/self/exe */
	unsigned cpu_workers;	/* 0: one per core when there is no GPU */
	unsigned capacity;	/* sessions at once, all workers together */
	const char *nvidia;	/* "", "0,1" or "all" */
	const char *preset;	/* x264's; NULL "medium", LPMS's */
	bool decodes_hevc;	/* say so to broadcasters */
	const char *node_version, *orch_id; /* service_provider metadata */
	size_t worker_memory;	/* bytes of address space, 0: 4 GiB */
};
struct err *pool_new(const struct log *log, const struct pool_options *o,
	struct pool **out) must_check; /* "no NVIDIA device": a plain error */
void pool_free(struct pool *p);

struct transcode_job {
	char session[SESSION_ID_SIZE];
	char manifest[MANIFEST_SIZE];
	int64_t seq;
	int32_t duration_ms;
	struct blob *input; /* owned */
	struct ladder ladder;
	bool has_slice;
	uint64_t slice_from_ms, slice_to_ms;
	bool force_reinit;
	bool calc_perceptual_hash;
	unsigned timeout_ms; /* 0: max(8 s, 4 x duration) */
};
struct transcode_output {
	size_t n;
	struct {
		struct blob *data;
		int64_t pixels; /* encoded, exactly as LPMS counts */
		struct blob *phash; /* NULL none */
	} r[LADDER_MAX];
	int64_t decoded_pixels;
	int64_t transcode_us; /* inside the worker */
	char device[32];      /* "cpu0" */
};
void transcode_job_free(struct transcode_job *j);
void transcode_output_free(struct transcode_output *o);

/* Takes the job. Result: struct transcode_output. Errors: ERR_MEDIA with the
 * wire's own texts (media/ffmpeg.h); ERR_BUSY "TranscoderBusy" when 4 segments
 * of the session wait; ERR_TIMEOUT, ERR_UNAVAILABLE when the worker was killed
 * or died (names the session and the signal). */
void pool_transcode(struct pool *p, struct transcode_job *taken,
	struct reply reply);
void pool_end_session(struct pool *p, const char *session);

/* What a segment contains, without decoding it all; for HTTP push and the
 * console. Result: struct media_info. */
struct media_info {
	char video[16], audio[16]; /* codec names, "" none; e.g. "h264","aac" */
	char pixel_format[24];
	int32_t width, height;
	double fps;
	int64_t duration_ms, bitrate;
	int64_t start_pts_us;
	bool needs_bypass; /* video declared, audio there, no pixel format */
};
void pool_probe(struct pool *p, struct blob *taken, enum container c,
	struct reply reply);
/* Decodes everything and counts frames x width x height. Result: int64_t *. */
void pool_count_pixels(struct pool *p, struct blob *taken, enum container c,
	struct reply reply);

/* Drains (no new sessions) or resumes one worker by its name. */
void pool_drain(struct pool *p, const char *worker, bool drain,
	struct reply reply); /* result: none; ERR_NOT_FOUND */
/* Rows for the console: an array of struct transcoder_row (model/view.h) is
 * added to `list`; any thread. */
struct view_transcoders;
void pool_view(struct pool *p, struct view_transcoders *out);
/* Another number whenever pool_view() has something new to tell; any thread. */
uint64_t pool_version(struct pool *p);
/* The same for the GPUs it works with, an array of struct device_row. */
struct view_devices;
void pool_devices(struct pool *p, struct view_devices *out);
/* Processor time of all workers, those that are gone too. */
int64_t pool_cpu_ms(struct pool *p);
/* Sum of what the workers can do. */
void pool_caps(struct pool *p, struct caps *out);
unsigned pool_capacity(struct pool *p);

/* `weir worker FD`: never returns. Called from main() before anything else. */
int worker_main(int argc, char **argv);
#endif
