using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Bench;

/// <summary>What is measured on one model.</summary>
internal sealed class Work : IDisposable
{
    private const int Length = 256;
    private readonly CausalLM _model;
    private readonly MetaParameters _meta;
    private readonly TokenWeighting _head;
    private readonly IReadOnlyList<TokenSegment> _segments;

    public Work(Shape shape, ScalarType type)
    {
        _model = ModelFolder.Initialise(shape.Config, 1, CPU, type);
        _meta = MetaParameters.Default(_model, new MetaInitialisation { Lora = new LoraOptions { Rank = 16 }, Steps = 4 });
        _head = TokenWeighting.Constant(_model.HiddenSize, 1, 1, ScalarType.Float32, CPU);
        var random = new Random(1);
        _segments = [.. Enumerable.Range(0, shape.Segments).Select(_ =>
            new TokenSegment([.. Enumerable.Range(0, Length).Select(_ => random.Next(shape.Config.VocabularySize))], 1))];
    }

    public int Tokens => _segments.Count * Length;

    /// <summary>
    /// Multiplications and additions of the products of one token: the base forward and, for the gradient of activations, backward
    /// (2 + 2 per weight, none for the gradient of frozen weights), the adapter's (2 + 4 per weight), the head's (2 + 2).
    /// </summary>
    public double EncodeOperationsPerToken
    {
        get
        {
            var basis = _model.LinearModules.Sum(m => (double)m.In * m.Out) + (double)_model.HiddenSize * _model.VocabularySize;
            return 4 * basis + 6 * _meta.InitialAdapter.Parameters;
        }
    }

    /// <summary>First half of an inner step on one micro-batch, which is all of encoding but the update.</summary>
    public void Encode() => InnerLoop.Accumulate(_model, _meta.InitialAdapter, null, [_segments]).Dispose();

    /// <summary>One whole inner step, in micro-batches.</summary>
    public void OneStep(int segmentsPerMicroBatch)
    {
        var options = new InnerLoopOptions { Steps = 1, SegmentsPerMicroBatch = segmentsPerMicroBatch };
        InnerLoop.Run(_model, _meta, _segments, options).Adapter.Dispose();
    }

    /// <summary>What <c>--max-memory</c> reckons with.</summary>
    public long EstimatedBytes(int segmentsPerMicroBatch)
    {
        var lora = _meta.InitialAdapter.Options;
        return MicroBatch.FixedBytes(_model, lora) + MicroBatch.BytesPerToken(_model, lora) * Length * segmentsPerMicroBatch;
    }

    /// <summary>Two inner steps, both unrolled, an outer loss on one segment, and its gradient to all meta-parameters.</summary>
    public void OuterStep()
    {
        using var scope = NewDisposeScope();
        var options = new InnerLoopOptions { Steps = 2, SegmentsPerMicroBatch = _segments.Count };
        Tensor Leaf(Tensor t) => t.detach().clone().requires_grad_();
        var meta = new MetaParameters(
            _meta.InitialAdapter.With([.. _meta.InitialAdapter.Tensors.Select(Leaf)]), Leaf(_meta.StepSizes),
            new TokenWeighting([.. _head.Tensors.Select(Leaf)]));
        using var adapter = InnerLoop.Run(_model, meta, [_segments], options, 2).Adapter;
        using var batch = SegmentBatch.Create([[_segments[0]]], CPU);
        var loss = SegmentLoss.OfTokens(_model, adapter, null, batch).CrossEntropy.mean();
        Gradients.Of(loss, meta.Tensors);
        meta.Dispose();
    }

    public void Dispose()
    {
        _head.Dispose();
        _meta.Dispose();
        _model.Dispose();
    }
}
