#include "src/media/gpu_watch.h"
#include "src/base/str.h"
#include "src/media/worker_proto.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXIT_BAD 2

static bool is_text(const char *s, size_t size)
{
	return memchr(s, '\0', size);
}

bool gpu_report_check(const struct gpu_report *r, size_t size)
{
	return size == sizeof(*r) && is_text(r->error, sizeof(r->error)) &&
		is_text(r->device.name, sizeof(r->device.name)) && r->n <= GPUS_MAX &&
		(r->n ? r->i < r->n && !r->error[0] : r->error[0]) &&
		r->device.number < GPUS_MAX && r->device.memory_used <= INT64_MAX &&
		r->device.memory_total <= INT64_MAX;
}

static int give_up(int socket, struct err *taken)
{
	struct gpu_report r = {.n = 0};

	snprintf(r.error, sizeof(r.error), "%s", err_text(taken));
	err_free(taken);
	worker_send(socket, &r, sizeof(r), -1);
	return EXIT_BAD;
}

/* Which of the wished there are; none: the error. */
static struct err *choose(struct nvml *n, uint64_t wish, unsigned *numbers, uint32_t *count)
{
	unsigned there = nvml_count(n);
	struct gpu_reading r;

	*count = 0;
	if (!there)
		return err_new(ERR_NOT_FOUND,
			"no NVIDIA device found: the driver knows none");
	for (unsigned i = 0; i < GPUS_MAX; i++) {
		if (wish ? !(wish >> i & 1) : i >= there)
			continue;
		if (!nvml_read(n, i, &r))
			return err_new(ERR_NOT_FOUND,
				"no NVIDIA device found: none with number %u", i);
		numbers[(*count)++] = i;
	}
	return NULL;
}

static int watch(int socket, struct nvml *n, const unsigned *numbers, uint32_t count)
{
	struct pollfd node = {socket, POLLIN, 0};

	for (;;) {
		for (uint32_t i = 0; i < count; i++) {
			struct gpu_report r = {.n = count, .i = i};

			nvml_read(n, numbers[i], &r.device);
			if (worker_send(socket, &r, sizeof(r), -1))
				return 0; /* without a node there is nobody to tell */
		}
		if (poll(&node, 1, GPU_WATCH_MS) != 0)
			return 0;
	}
}

int gpu_watch_main(int argc, char **argv)
{
	int socket = worker_socket(argc, argv), fd;
	unsigned numbers[GPUS_MAX];
	struct gpu_wish wish;
	struct nvml *n = NULL;
	uint32_t count;
	struct err *e;

	if (socket < 0) {
		fputs("weir gpus: the node starts this by itself\n", stderr);
		return EXIT_BAD;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "gpus");
	if (worker_receive(socket, &wish, sizeof(wish), &fd) != (ssize_t)sizeof(wish))
		return EXIT_BAD;
	e = nvml_open(&n);
	if (!e)
		e = choose(n, wish.numbers, numbers, &count);
	if (e)
		return give_up(socket, e);
	return watch(socket, n, numbers, count);
}
