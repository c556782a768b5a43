#include "src/media/worker.h"
#include "src/base/clock.h"
#include "src/media/ffmpeg.h"
#include "src/media/gpu.h"
#include "src/media/input.h"
#include "src/media/probe.h"
#include "src/media/sandbox.h"
#include "src/media/transcode.h"
#include "src/media/worker_proto.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOG_LINES_PER_JOB 20
/* glibc reserves 64 MB of address space per arena, and RLIMIT_AS counts it. */
#define ARENAS_MAX 8
#define EXIT_BAD 2

struct session {
	SLIST_ENTRY(session) link;
	char id[SESSION_ID_SIZE];
	struct transcode *transcode;
};

struct worker {
	int socket;
	struct worker_setup setup;
	SLIST_HEAD(, session) sessions; /* as many as the pool keeps */
};

static void answer(struct worker *w, const struct worker_answer *a, int fd)
{
	/* Without the pool there is nobody to work for. */
	if (worker_send(w->socket, a, sizeof(*a), fd))
		_exit(EXIT_BAD);
}

static void on_line(void *ctx, const char *line)
{
	struct worker *w = ctx;
	struct worker_answer a = {.word = WORKER_LOG};

	snprintf(a.text, sizeof(a.text), "%s", line);
	answer(w, &a, -1);
}

static void end_session(struct worker *w, const char *id)
{
	struct session *s;

	SLIST_FOREACH (s, &w->sessions, link) {
		if (strcmp(s->id, id))
			continue;
		SLIST_REMOVE(&w->sessions, s, session, link);
		transcode_free(s->transcode);
		free(s);
		malloc_trim(0);
		return;
	}
}

static struct transcode *find_session(struct worker *w, const char *id)
{
	struct transcode_config c = {
		.preset = w->setup.preset,
		.device = w->setup.device[0] ? w->setup.device : NULL,
		.service_provider = w->setup.service_provider,
		.threads = w->setup.threads,
	};
	struct session *s;

	SLIST_FOREACH (s, &w->sessions, link) {
		if (!strcmp(s->id, id))
			return s->transcode;
	}
	s = XNEW(struct session);
	snprintf(s->id, sizeof(s->id), "%s", id);
	s->transcode = transcode_new(&c);
	SLIST_INSERT_HEAD(&w->sessions, s, link);
	return s->transcode;
}

static struct err *write_outputs(const struct transcode_output *out, int fd)
{
	struct err *e = NULL;

	for (size_t i = 0; !e && i < out->n; i++) {
		e = worker_memfd_write(fd, blob_data(out->r[i].data),
			blob_size(out->r[i].data));
		if (!e)
			e = worker_memfd_write(fd, blob_data(out->r[i].phash),
				blob_size(out->r[i].phash));
	}
	return e ? e : worker_memfd_seal(fd);
}

/* *fd: a sealed memfd with what `a` describes. */
static struct err *pack(const struct transcode_output *out,
	struct worker_answer *a, int *fd)
{
	struct err *e;

	a->decoded_pixels = out->decoded_pixels;
	if (!out->n)
		return NULL;
	*fd = worker_memfd_new("renditions");
	if (*fd < 0)
		return err_sys(errno, "memfd_create");
	e = write_outputs(out, *fd);
	if (e)
		return e;
	for (size_t i = 0; i < out->n; i++) {
		a->r[i].size = blob_size(out->r[i].data);
		a->r[i].phash_size = blob_size(out->r[i].phash);
		a->r[i].pixels = out->r[i].pixels;
	}
	a->n = (uint32_t)out->n;
	return NULL;
}

static struct err *do_transcode(struct worker *w,
	const struct worker_request *q, const uint8_t *bytes,
	struct worker_answer *a, int *fd)
{
	struct transcode_input in = {
		.bytes = bytes,
		.size = q->input_size,
		.ladder = &q->ladder,
		.has_slice = q->has_slice,
		.slice_from_ms = q->slice_from_ms,
		.slice_to_ms = q->slice_to_ms,
		.calc_perceptual_hash = q->calc_perceptual_hash,
	};
	struct transcode_output out;
	struct err *e;

	if (q->force_reinit)
		end_session(w, q->session);
	e = transcode_run(find_session(w, q->session), &in, &out);
	if (!e)
		e = pack(&out, a, fd);
	transcode_output_clear(&out);
	return e;
}

static struct err *do_probe(const struct worker_request *q,
	const uint8_t *bytes, struct worker_answer *a)
{
	struct media_info i;
	struct err *e = probe(bytes, q->input_size, &i);

	if (e)
		return e;
	memcpy(a->info.video, i.video, sizeof(i.video));
	memcpy(a->info.audio, i.audio, sizeof(i.audio));
	memcpy(a->info.pixel_format, i.pixel_format, sizeof(i.pixel_format));
	a->info.width = i.width;
	a->info.height = i.height;
	a->info.fps = i.fps;
	a->info.duration_ms = i.duration_ms;
	a->info.bitrate = i.bitrate;
	a->info.start_pts_us = i.start_pts_us;
	a->info.needs_bypass = i.needs_bypass;
	return NULL;
}

static struct err *do_task(struct worker *w, const struct worker_request *q,
	const uint8_t *bytes, struct worker_answer *a, int *fd)
{
	switch ((enum worker_task)q->task) {
	case WORKER_TRANSCODE:
		return do_transcode(w, q, bytes, a, fd);
	case WORKER_PROBE:
		return do_probe(q, bytes, a);
	case WORKER_COUNT_PIXELS:
		return count_pixels(bytes, q->input_size, &a->decoded_pixels);
	case WORKER_END_SESSION:
		break;
	}
	return err_new(ERR_INTERNAL, "unknown task %u", q->task);
}

static struct err *do_request(struct worker *w, const struct worker_request *q,
	int in_fd, struct worker_answer *a, int *out_fd)
{
	size_t size = q->input_size;
	struct err *e;
	void *at;

	if (!size)
		return media_err("TranscoderInvalidVideo");
	at = mmap(NULL, size, PROT_READ, MAP_SHARED, in_fd, 0);
	if (at == MAP_FAILED)
		return err_sys(errno, "mapping %zu bytes", size);
	ffmpeg_log_to(on_line, w, LOG_LINES_PER_JOB);
	e = do_task(w, q, at, a, out_fd);
	munmap(at, size);
	return e;
}

static void on_request(struct worker *w, const struct worker_request *q,
	int in_fd)
{
	struct worker_answer a = {.word = WORKER_DONE, .id = q->id};
	int64_t start = clock_mono_us();
	int out_fd = -1;
	struct err *e;

	e = do_request(w, q, in_fd, &a, &out_fd);
	a.transcode_us = clock_mono_us() - start;
	if (e) {
		a.failed = 1;
		a.n = 0;
		a.err_kind = (uint32_t)err_kind(e);
		snprintf(a.text, sizeof(a.text), "%s", err_text(e));
		err_free(e);
	}
	answer(w, &a, a.n ? out_fd : -1);
	if (out_fd >= 0)
		close(out_fd);
}

static void serve(struct worker *w)
{
	struct worker_request *q = XNEW(struct worker_request);
	ssize_t n;
	int fd;

	while ((n = worker_receive(w->socket, q, sizeof(*q), &fd)) ==
		(ssize_t)sizeof(*q)) {
		if (q->task == WORKER_END_SESSION)
			end_session(w, q->session);
		else
			on_request(w, q, fd);
		if (fd >= 0)
			close(fd);
	}
	while (!SLIST_EMPTY(&w->sessions))
		end_session(w, SLIST_FIRST(&w->sessions)->id);
	free(q);
}

/* Says why on the socket: standard error may lead nowhere. */
static int give_up(struct worker *w, struct err *taken)
{
	on_line(w, err_text(taken));
	err_free(taken);
	return EXIT_BAD;
}

int worker_main(int argc, char **argv)
{
	struct worker w = {.socket = worker_socket(argc, argv)};
	struct worker_answer ready = {.word = WORKER_READY};
	struct sandbox_limits limits;
	struct err *e = NULL;
	int fd;

	if (w.socket < 0) {
		fputs("weir worker: the node starts these by itself\n", stderr);
		return EXIT_BAD;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	mallopt(M_ARENA_MAX, ARENAS_MAX);
	if (worker_receive(w.socket, &w.setup, sizeof(w.setup), &fd) !=
		(ssize_t)sizeof(w.setup))
		return EXIT_BAD;
	prctl(PR_SET_NAME, w.setup.name);
	e = ffmpeg_load();
	if (e)
		return give_up(&w, e);
	ffmpeg_log_to(on_line, &w, LOG_LINES_PER_JOB);
	limits = (struct sandbox_limits){.memory = w.setup.memory,
		.gpu = w.setup.device[0], .socket = w.socket};
	if (limits.gpu)
		e = gpu_check_encoder(w.setup.device);
	if (!e)
		e = sandbox_enter(&limits);
	if (e)
		return give_up(&w, e);
	answer(&w, &ready, -1);
	serve(&w);
	/* Leaves out what libraries do at exit, which the filter would kill. */
	_exit(0);
}
