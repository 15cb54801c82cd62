using System.Buffers.Binary;
using System.Text;

namespace Perk.Core.Tests.Tensors;

/// <summary>Builds safetensors files by hand, well formed or not.</summary>
internal static class SafeTensorsBytes
{
    internal static byte[] File(string header, int dataLength) => File(Encoding.UTF8.GetBytes(header), dataLength);

    internal static byte[] File(byte[] header, int dataLength) => File((ulong)header.Length, header, dataLength);

    internal static byte[] File(ulong claimedLength, byte[] header, int dataLength)
    {
        var bytes = new byte[8 + header.Length + dataLength];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimedLength);
        header.CopyTo(bytes, 8);
        for (var i = 0; i < dataLength; i++) bytes[8 + header.Length + i] = (byte)(i * 37);
        return bytes;
    }

    /// <summary>Opens the bytes and loads every tensor of a type that can be loaded.</summary>
    internal static void LoadAll(byte[] bytes)
    {
        using var file = Perk.Core.Tensors.SafeTensorsFile.Open(new MemoryStream(bytes), "test.safetensors");
        foreach (var name in file.Entries.Keys) file.Load(name).Dispose();
    }
}

/// <summary>A stream that gives at most three bytes a call, as a network may.</summary>
internal sealed class DrippingStream(byte[] bytes) : MemoryStream(bytes, writable: false)
{
    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 3));

    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 3)]);
}

/// <summary>A stream that promises more than it holds, as a file does that is cut while it is read.</summary>
internal sealed class LyingStream(byte[] bytes, long length) : MemoryStream(bytes, writable: false)
{
    public override long Length => length;
}
