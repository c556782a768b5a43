#include "src/media/bytes_io.h"
#include "src/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_SIZE 65536
#define FIRST_CAP ((size_t)1 << 20)

struct cursor {
	const uint8_t *data;	    /* a reader's */
	size_t size, pos;
	struct bytes *of; /* a rereader's: the bytes may move and grow */
};

static int on_read(void *opaque, uint8_t *buf, int n)
{
	struct cursor *c = opaque;
	const uint8_t *data = c->of ? c->of->data : c->data;
	size_t size = c->of ? c->of->size : c->size;
	size_t left = c->pos < size ? size - c->pos : 0;

	if (!left)
		return AVERROR_EOF;
	if ((size_t)n > left)
		n = (int)left;
	memcpy(buf, data + c->pos, (size_t)n);
	c->pos += (size_t)n;
	return n;
}

static int64_t seek(size_t *pos, size_t size, int64_t offset, int whence)
{
	int64_t base = 0;

	switch (whence & ~AVSEEK_FORCE) {
	case AVSEEK_SIZE:
		return (int64_t)size;
	case SEEK_SET:
		break;
	case SEEK_CUR:
		base = (int64_t)*pos;
		break;
	case SEEK_END:
		base = (int64_t)size;
		break;
	default:
		return AVERROR(EINVAL);
	}
	if (offset < -base || offset > INT64_MAX - base)
		return AVERROR(EINVAL);
	*pos = (size_t)(base + offset);
	return base + offset;
}

static int64_t on_seek_read(void *opaque, int64_t offset, int whence)
{
	struct cursor *c = opaque;

	return seek(&c->pos, c->of ? c->of->size : c->size, offset, whence);
}

static int64_t on_seek_write(void *opaque, int64_t offset, int whence)
{
	struct bytes *b = opaque;

	return seek(&b->pos, b->size, offset, whence);
}

static int on_write(void *opaque, uint8_t *buf, int n)
{
	struct bytes *b = opaque;
	size_t end;

	if (b->pos > b->limit || (size_t)n > b->limit - b->pos)
		return AVERROR(EFBIG);
	end = b->pos + (size_t)n;
	if (end > b->cap) {
		b->cap = b->cap ? b->cap : FIRST_CAP;
		while (b->cap < end)
			b->cap *= 2;
		b->data = xrealloc(b->data, b->cap);
	}
	if (b->pos > b->size)
		memset(b->data + b->size, 0, b->pos - b->size);
	memcpy(b->data + b->pos, buf, (size_t)n);
	b->pos = end;
	if (end > b->size)
		b->size = end;
	return n;
}

static AVIOContext *open_cursor(struct cursor c)
{
	struct cursor *own = xmemdup(&c, sizeof(c));
	uint8_t *buffer = av_malloc(BUFFER_SIZE);
	AVIOContext *io = NULL;

	if (buffer)
		io = avio_alloc_context(buffer, BUFFER_SIZE, 0, own, on_read,
			NULL, on_seek_read);
	if (!io) {
		av_free(buffer);
		free(own);
	}
	return io;
}

AVIOContext *bytes_reader_open(const uint8_t *data, size_t size)
{
	return open_cursor((struct cursor){.data = data, .size = size});
}

AVIOContext *bytes_rereader_open(struct bytes *b)
{
	return open_cursor((struct cursor){.of = b});
}

AVIOContext *bytes_writer_open(struct bytes *b)
{
	uint8_t *buffer = av_malloc(BUFFER_SIZE);
	AVIOContext *io = NULL;

	if (buffer)
		io = avio_alloc_context(buffer, BUFFER_SIZE, 1, b, NULL,
			on_write, on_seek_write);
	if (!io)
		av_free(buffer);
	return io;
}

void bytes_io_close(AVIOContext **io)
{
	if (!*io)
		return;
	if (!(*io)->write_flag)
		free((*io)->opaque);
	av_freep(&(*io)->buffer);
	avio_context_free(io);
}
