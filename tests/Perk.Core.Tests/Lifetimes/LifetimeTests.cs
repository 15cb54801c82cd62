using Perk.Core.Documents;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Lifetimes;

/// <summary>The number of live tensors is the process's, so nothing else may run meanwhile.</summary>
[CollectionDefinition("Live tensors", DisableParallelization = true)]
public sealed class LiveTensorsDefinition;

/// <summary>What is done once can be done for months: no work leaves a tensor behind.</summary>
[Collection("Live tensors")]
public sealed class LifetimeTests
{
    private static readonly IReadOnlyList<TokenSegment> Context = Stories.Segments(1, 20, 30, 25);
    private static readonly InnerLoopOptions Options = new() { Steps = 2, SegmentsPerMicroBatch = 2 };

    [Fact]
    public void Run_Encoding_LeavesNoTensor() => LeavesNothing(() =>
    {
        using var meta = Stories.Meta(2);
        InnerLoop.Run(Stories.Model, meta, Context, Options, cancel: TestContext.Current.CancellationToken).Adapter.Dispose();
    });

    [Fact]
    public void Run_Cancelled_LeavesNoTensor() => LeavesNothing(() =>
    {
        using var stop = new CancellationTokenSource();
        using var meta = Stories.Meta(2);
        Assert.Throws<OperationCanceledException>(() => InnerLoop.Run(Stories.Model, meta, Context, Options, new Stopping(stop), stop.Token));
    });

    [Fact]
    public void Run_Diverged_LeavesNoTensor() => LeavesNothing(() =>
    {
        using var meta = Stories.Meta(2, 1e5);
        var sgd = Options with { Optimizer = InnerOptimizerKind.Sgd };
        Assert.Throws<InnerLoopDivergedException>(() =>
            InnerLoop.Run(Stories.Model, meta, Context, sgd, cancel: TestContext.Current.CancellationToken));
    });

    [Fact]
    public void Run_OneOuterGradient_LeavesNoTensor() => LeavesNothing(() =>
    {
        using var scope = NewDisposeScope();
        using var plain = Stories.Meta(2);
        using var meta = new MetaParameters(
            plain.InitialAdapter.With([.. plain.InitialAdapter.Tensors.Select(t => t.detach().clone().requires_grad_())]),
            plain.StepSizes.detach().clone().requires_grad_(),
            TokenWeighting.Constant(Stories.Model.HiddenSize, 1, 1, ScalarType.Float32, CPU));
        using var adapter = InnerLoop.Run(
            Stories.Model, meta, [Context, Context], Options, 2, cancel: TestContext.Current.CancellationToken).Adapter;
        using var batch = SegmentBatch.Create([Context, Context], CPU);
        var loss = SegmentLoss.OfTokens(Stories.Model, adapter, null, batch).CrossEntropy.mean();
        Assert.All(Gradients.Of(loss, [.. meta.InitialAdapter.Tensors, meta.StepSizes]), g => Assert.False(g.IsInvalid));
    });

    [Fact]
    public void Decode_LeavesNoTensor() => LeavesNothing(() =>
    {
        using var adapter = Stories.RandomAdapter(1);
        var options = new DecodingOptions { MaxNewTokens = 5 };
        GreedyDecoder.Decode(Stories.Model, adapter, [[1, 300], [1]], options, TestContext.Current.CancellationToken);
    });

    [Fact]
    public void Write_AndReadBack_LeavesNoTensor() => LeavesNothing(() =>
    {
        using var adapter = Stories.RandomAdapter(1);
        var (weights, config) = AdapterFile.Write(adapter, "stories260K");
        AdapterFile.Read(weights, config, Stories.Model).Dispose();
        Assert.Throws<ModelFileException>(() => AdapterFile.Read(weights[..^8], config, Stories.Model));
    });

    [Fact]
    public void Load_Checkpoint_LeavesNoTensor() => LeavesNothing(() =>
    {
        using var checkpoint = new CheckpointSource { ModelFolder = RepositoryFiles.Stories260K }.Load(CPU);
        using var encoded = new DocumentEncoder(checkpoint, new EncodingOptions()).Encode(
            "Once upon a time, there was a little girl named Lily.", cancel: TestContext.Current.CancellationToken);
        new QuestionAnswerer(checkpoint).Answer(encoded.Adapter, 1, ["Who?"], 5, TestContext.Current.CancellationToken);
    });

    private static void LeavesNothing(Action work)
    {
        Assert.NotNull(Stories.Model); // loaded before the count
        work();
        var changes = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            var before = Tensor.TotalCount;
            work();
            changes.Add(Tensor.TotalCount - before);
        }

        // What other tests left to the collector may go in the midst of a run or two; a leak grows in every one.
        Assert.Equal(0, changes.Order().ElementAt(2));
    }

    private sealed class Stopping(CancellationTokenSource stop) : IProgress<InnerLoopProgress>
    {
        public void Report(InnerLoopProgress value) => stop.Cancel();
    }
}
