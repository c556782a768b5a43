#include "src/media/worker_proto.h"
#include "src/media/input.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/str.h"

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)
#define PIXELS_MAX INT64_C(1000000000000000)

static bool terminated(const char *s, size_t size)
{
	return memchr(s, '\0', size);
}

static bool info_check(const struct worker_answer *a)
{
	return terminated(a->info.video, sizeof(a->info.video)) &&
		terminated(a->info.audio, sizeof(a->info.audio)) &&
		terminated(a->info.pixel_format,
			sizeof(a->info.pixel_format)) &&
		a->info.width >= 0 && a->info.height >= 0 &&
		isfinite(a->info.fps) && a->info.fps >= 0 &&
		a->info.duration_ms >= 0 && a->info.bitrate >= 0 &&
		a->info.needs_bypass <= 1;
}

bool worker_answer_check(const struct worker_answer *a, size_t size)
{
	if (size != sizeof(*a) || a->word >= WORKER_WORDS || a->failed > 1 ||
		a->err_kind > ERR_INTERNAL || a->n > LADDER_MAX ||
		!terminated(a->text, sizeof(a->text)) ||
		a->decoded_pixels < 0 || a->decoded_pixels > PIXELS_MAX ||
		a->transcode_us < 0)
		return false;
	if (a->failed && a->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++) {
		if (a->r[i].size > SEGMENT_BYTES_MAX ||
			a->r[i].phash_size > SEGMENT_BYTES_MAX ||
			a->r[i].pixels < 0 || a->r[i].pixels > PIXELS_MAX)
			return false;
	}
	return info_check(a);
}

struct err *worker_answer_err(const struct worker_answer *a)
{
	if (!a->failed)
		return NULL;
	return err_new((enum err_kind)a->err_kind, "%s", a->text);
}

void worker_answer_info(const struct worker_answer *a, struct media_info *out)
{
	memcpy(out->video, a->info.video, sizeof(out->video));
	memcpy(out->audio, a->info.audio, sizeof(out->audio));
	memcpy(out->pixel_format, a->info.pixel_format,
		sizeof(out->pixel_format));
	out->width = a->info.width;
	out->height = a->info.height;
	out->fps = a->info.fps;
	out->duration_ms = a->info.duration_ms;
	out->bitrate = a->info.bitrate;
	out->start_pts_us = a->info.start_pts_us;
	out->needs_bypass = a->info.needs_bypass;
}

struct mapping {
	void *at;
	size_t size;
};

static void unmap(void *ctx)
{
	struct mapping *m = ctx;

	munmap(m->at, m->size);
	free(m);
}

static void put_whole(void *ctx)
{
	blob_put(ctx);
}

static struct err *map_sealed(int fd, size_t size, struct blob **out)
{
	struct mapping m = {.size = size};
	struct stat st;

	if (fd < 0 || (fcntl(fd, F_GET_SEALS) & SEALS) != SEALS)
		return err_new(ERR_PROTOCOL, "worker's memory is not sealed");
	if (fstat(fd, &st) || (uint64_t)st.st_size != size || !size)
		return err_new(ERR_PROTOCOL, "worker's memory has a wrong size");
	m.at = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (m.at == MAP_FAILED)
		return err_sys(errno, "mapping %zu bytes", size);
	*out = blob_wrap(m.at, size, unmap, xmemdup(&m, sizeof(m)));
	return NULL;
}

static struct blob *part(struct blob *whole, size_t *at, size_t size)
{
	const uint8_t *from = blob_data(whole) + *at;

	*at += size;
	return blob_wrap(from, size, put_whole, blob_ref(whole));
}

struct err *worker_answer_map(const struct worker_answer *a, int fd,
	struct transcode_output *out)
{
	struct blob *whole = NULL;
	size_t size = 0, at = 0;
	struct err *e;

	*out = (struct transcode_output){.decoded_pixels = a->decoded_pixels,
		.transcode_us = a->transcode_us};
	if (!a->n)
		return NULL;
	for (uint32_t i = 0; i < a->n; i++)
		size += a->r[i].size + a->r[i].phash_size;
	e = map_sealed(fd, size, &whole);
	if (e)
		return e;
	for (uint32_t i = 0; i < a->n; i++) {
		out->r[i].data = part(whole, &at, a->r[i].size);
		if (a->r[i].phash_size)
			out->r[i].phash = part(whole, &at, a->r[i].phash_size);
		out->r[i].pixels = a->r[i].pixels;
	}
	out->n = a->n;
	blob_put(whole);
	return NULL;
}

int worker_memfd_new(const char *name)
{
	return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

struct err *worker_memfd_write(int fd, const void *bytes, size_t size)
{
	const char *p = bytes;

	while (size) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_sys(errno, "writing to shared memory");
		p += n;
		size -= (size_t)n;
	}
	return NULL;
}

struct err *worker_memfd_seal(int fd)
{
	if (fcntl(fd, F_ADD_SEALS, SEALS))
		return err_sys(errno, "sealing shared memory");
	return NULL;
}

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

int worker_socket(int argc, char **argv)
{
	int type;
	socklen_t size = sizeof(type);
	uint64_t fd;

	if (argc != 3 || !parse_u64(argv[2], &fd) || fd > INT32_MAX)
		return -1;
	if (getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &size) || type != SOCK_SEQPACKET)
		return -1;
	return (int)fd;
}

int worker_send(int socket, const void *message, size_t size, int pass_fd)
{
	struct iovec iov = {(void *)(uintptr_t)message, size};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	union control control;
	struct cmsghdr *c;
	ssize_t n;

	if (pass_fd >= 0) {
		memset(&control, 0, sizeof(control));
		m.msg_control = &control;
		m.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass_fd, sizeof(int));
	}
	do {
		n = sendmsg(socket, &m, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -1 : 0;
}

ssize_t worker_receive(int socket, void *message, size_t size, int *passed_fd)
{
	struct iovec iov = {message, size};
	union control control;
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *c;
	ssize_t n;

	*passed_fd = -1;
	do {
		n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(passed_fd, CMSG_DATA(c), sizeof(int));
	if (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		if (*passed_fd >= 0)
			close(*passed_fd);
		*passed_fd = -1;
		errno = EPROTO;
		return -1;
	}
	return n;
}
