#pragma once

/// What libav may open. Everything else is refused by name, whatever its probe says: playlists and
/// descriptions (hls, dash, concat, sdp, …) because they name other files and hosts, pictures,
/// devices, game music and decoders that are wrappers around further libraries because nobody
/// needs them here.
namespace katip::audio {

/// Comma-separated libav demuxer names, as AVFormatContext.format_whitelist reads them.
inline constexpr const char* kDemuxers =
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dss,dts,dtshd,eac3,flac,flv,g723_1,g729,gsm,"
    "loas,matroska,webm,mlp,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpc,mpc8,mpeg,mpegts,mxf,nistsphere,ogg,"
    "qcp,sox,tak,truehd,tta,voc,w64,wav,wv,xwma";

/// Comma-separated libav decoder names, all of them sound and all of them libav's own.
inline constexpr const char* kDecoders =
    "aac,aac_latm,ac3,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_swf,adpcm_yamaha,alac,amrnb,amrwb,"
    "ape,dca,dss_sp,eac3,flac,g722,g723_1,g726,g726le,g729,gsm,gsm_ms,ilbc,mlp,mp1,mp1float,mp2,"
    "mp2float,mp3,mp3float,mpc7,mpc8,nellymoser,opus,pcm_alaw,pcm_bluray,pcm_dvd,pcm_f16le,"
    "pcm_f24le,pcm_f32be,pcm_f32le,pcm_f64be,pcm_f64le,pcm_mulaw,pcm_s16be,pcm_s16be_planar,"
    "pcm_s16le,pcm_s16le_planar,pcm_s24be,pcm_s24le,pcm_s24le_planar,pcm_s32be,pcm_s32le,"
    "pcm_s32le_planar,pcm_s64be,pcm_s64le,pcm_s8,pcm_s8_planar,pcm_u16be,pcm_u16le,pcm_u24be,"
    "pcm_u24le,pcm_u32be,pcm_u32le,pcm_u8,qcelp,s302m,shorten,speex,tak,truehd,truespeech,tta,"
    "vorbis,wavpack,wmalossless,wmapro,wmav1,wmav2,wmavoice";

/// Of these a stream can be read from front to back; any other container is kept in a temporary
/// file when it comes through a pipe, because its index may stand at the end (mp4) or libav reads
/// its header again (mp3, for the encoder's delay).
inline constexpr const char* kStreamable =
    "aac,ac3,amr,amrnb,amrwb,au,dts,eac3,flac,flv,gsm,loas,matroska,webm,mpegts,ogg,sox,"
    "nistsphere,voc,w64,wav,wv,aiff,asf";

}  // namespace katip::audio
