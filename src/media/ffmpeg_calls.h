#ifndef SRC_MEDIA_FFMPEG_CALLS_H
#define SRC_MEDIA_FFMPEG_CALLS_H
/* FFmpeg's headers, with its functions found at run time: the program is not
 * linked to FFmpeg, whose 140 libraries would cost every console and every
 * node what only workers need. Calls look as ever and the compiler checks them
 * as ever; what they go through is set by ffmpeg_load() (ffmpeg.h), without
 * which they crash. No other file includes libav headers, so none calls past
 * this one: a function that lacks its row in ffmpeg_calls.def or its line
 * below does not compile or does not link. */
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/fifo.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>

/* Written once, by ffmpeg_load(). */
extern struct ffmpeg_calls {
#define CALL(library, function) __typeof__(function) *function##_;
#include "ffmpeg_calls.def"
#undef CALL
} ffmpeg;

#define av_dict_free ffmpeg.av_dict_free_
#define av_dict_set ffmpeg.av_dict_set_
#define av_dict_set_int ffmpeg.av_dict_set_int_
#define av_fifo_alloc2 ffmpeg.av_fifo_alloc2_
#define av_fifo_freep2 ffmpeg.av_fifo_freep2_
#define av_fifo_read ffmpeg.av_fifo_read_
#define av_fifo_write ffmpeg.av_fifo_write_
#define av_frame_alloc ffmpeg.av_frame_alloc_
#define av_frame_clone ffmpeg.av_frame_clone_
#define av_frame_free ffmpeg.av_frame_free_
#define av_frame_unref ffmpeg.av_frame_unref_
#define av_free ffmpeg.av_free_
#define av_freep ffmpeg.av_freep_
#define av_get_pix_fmt_name ffmpeg.av_get_pix_fmt_name_
#define av_int_list_length_for_size ffmpeg.av_int_list_length_for_size_
#define av_log_format_line ffmpeg.av_log_format_line_
#define av_log_set_callback ffmpeg.av_log_set_callback_
#define av_log_set_level ffmpeg.av_log_set_level_
#define av_malloc ffmpeg.av_malloc_
#define av_opt_set_bin ffmpeg.av_opt_set_bin_
#define av_rescale_q ffmpeg.av_rescale_q_
#define av_strdup ffmpeg.av_strdup_
#define av_strerror ffmpeg.av_strerror_

#define av_packet_alloc ffmpeg.av_packet_alloc_
#define av_packet_clone ffmpeg.av_packet_clone_
#define av_packet_free ffmpeg.av_packet_free_
#define av_packet_move_ref ffmpeg.av_packet_move_ref_
#define av_packet_rescale_ts ffmpeg.av_packet_rescale_ts_
#define av_packet_unref ffmpeg.av_packet_unref_
#define avcodec_alloc_context3 ffmpeg.avcodec_alloc_context3_
#define avcodec_find_decoder ffmpeg.avcodec_find_decoder_
#define avcodec_find_decoder_by_name ffmpeg.avcodec_find_decoder_by_name_
#define avcodec_find_encoder_by_name ffmpeg.avcodec_find_encoder_by_name_
#define avcodec_free_context ffmpeg.avcodec_free_context_
#define avcodec_get_name ffmpeg.avcodec_get_name_
#define avcodec_open2 ffmpeg.avcodec_open2_
#define avcodec_parameters_copy ffmpeg.avcodec_parameters_copy_
#define avcodec_parameters_from_context ffmpeg.avcodec_parameters_from_context_
#define avcodec_parameters_to_context ffmpeg.avcodec_parameters_to_context_
#define avcodec_receive_frame ffmpeg.avcodec_receive_frame_
#define avcodec_receive_packet ffmpeg.avcodec_receive_packet_
#define avcodec_send_frame ffmpeg.avcodec_send_frame_
#define avcodec_send_packet ffmpeg.avcodec_send_packet_

#define av_find_input_format ffmpeg.av_find_input_format_
#define av_interleaved_write_frame ffmpeg.av_interleaved_write_frame_
#define av_read_frame ffmpeg.av_read_frame_
#define av_write_trailer ffmpeg.av_write_trailer_
#define avformat_alloc_context ffmpeg.avformat_alloc_context_
#define avformat_alloc_output_context2 ffmpeg.avformat_alloc_output_context2_
#define avformat_close_input ffmpeg.avformat_close_input_
#define avformat_find_stream_info ffmpeg.avformat_find_stream_info_
#define avformat_free_context ffmpeg.avformat_free_context_
#define avformat_new_stream ffmpeg.avformat_new_stream_
#define avformat_open_input ffmpeg.avformat_open_input_
#define avformat_write_header ffmpeg.avformat_write_header_
#define avio_alloc_context ffmpeg.avio_alloc_context_
#define avio_context_free ffmpeg.avio_context_free_
#define avio_flush ffmpeg.avio_flush_

#define av_buffersink_get_frame ffmpeg.av_buffersink_get_frame_
#define av_buffersink_get_frame_rate ffmpeg.av_buffersink_get_frame_rate_
#define av_buffersink_get_time_base ffmpeg.av_buffersink_get_time_base_
#define av_buffersrc_add_frame ffmpeg.av_buffersrc_add_frame_
#define av_buffersrc_close ffmpeg.av_buffersrc_close_
#define av_buffersrc_write_frame ffmpeg.av_buffersrc_write_frame_
#define avfilter_get_by_name ffmpeg.avfilter_get_by_name_
#define avfilter_graph_alloc ffmpeg.avfilter_graph_alloc_
#define avfilter_graph_config ffmpeg.avfilter_graph_config_
#define avfilter_graph_create_filter ffmpeg.avfilter_graph_create_filter_
#define avfilter_graph_free ffmpeg.avfilter_graph_free_
#define avfilter_link ffmpeg.avfilter_link_
#endif
