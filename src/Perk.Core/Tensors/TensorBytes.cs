using static TorchSharp.torch;

namespace Perk.Core.Tensors;

/// <summary>Copies whole tensors between memory and streams, as the bytes torch keeps (little-endian, row-major).</summary>
internal static class TensorBytes
{
    /// <summary>Elements at a time: a span holds at most 2 GiB.</summary>
    private const long Chunk = 1L << 24;

    /// <summary>Fills a contiguous CPU tensor from the stream, which may return fewer bytes than asked for.</summary>
    /// <exception cref="EndOfStreamException">The stream ends before the tensor is full.</exception>
    internal static void Read(Stream stream, Tensor tensor)
    {
        foreach (var (at, count) in Chunks(tensor.NumberOfElements))
        {
            using var scope = NewDisposeScope();
            stream.ReadExactly(tensor.view(-1).narrow(0, at, count).bytes);
        }
    }

    /// <summary>Writes a tensor of any device and layout.</summary>
    internal static void Write(Stream stream, Tensor tensor)
    {
        using var outer = NewDisposeScope();
        var flat = tensor.detach().cpu().contiguous().view(-1);
        foreach (var (at, count) in Chunks(flat.NumberOfElements))
        {
            using var scope = NewDisposeScope();
            stream.Write(flat.narrow(0, at, count).bytes);
        }
    }

    private static IEnumerable<(long At, long Count)> Chunks(long elements)
    {
        for (long at = 0; at < elements; at += Chunk) yield return (at, Math.Min(Chunk, elements - at));
    }
}
