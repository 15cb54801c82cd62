using System.CommandLine;
using Perk.Core.Documents;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Tensors;

namespace Perk.Cli.Commands;

/// <summary>The options that name a checkpoint and say how documents are encoded; the same for every command that needs them.</summary>
internal sealed class CheckpointFlags
{
    private static readonly MetaInitialisation Meta = new();
    private static readonly InnerLoopOptions Inner = new();

    private readonly Option<string?> _model = new("--model")
    {
        Description = "Base model, a Hugging Face folder (default: the stories260K that ships)",
        HelpName = "DIR",
    };

    private readonly Option<string?> _device = new("--device")
    {
        Description = $"auto, cpu or cuda (default: {ComputeDevice.Variable}, then auto)",
        HelpName = "DEVICE",
    };

    private readonly Option<int> _rank = StandardOption.Create("--rank", "LoRA rank", Meta.Lora.Rank);
    private readonly Option<int> _steps = StandardOption.Create("--steps", "Inner gradient steps", Inner.Steps);

    private readonly Option<double> _stepSize = StandardOption.Create(
        "--step-size", "Step size of every adapter tensor and step", Meta.StepSize);

    private readonly Option<long> _seed = StandardOption.Create("--seed", "Seed of the initial adapter", Meta.Seed);
    private readonly Option<InnerOptimizerKind> _optimizer = new("--optimizer")
    {
        Description = "Inner update rule",
        DefaultValueFactory = _ => Inner.Optimizer,
    };

    private readonly Option<int> _segmentTokens = StandardOption.Create(
        "--segment-tokens", "Longest segment, in tokens", new SegmenterOptions().MaxTokens);

    private readonly Option<int> _microBatch = StandardOption.Create(
        "--micro-batch", "Segments in one forward and backward pass: memory against speed", Inner.SegmentsPerMicroBatch);

    /// <summary>Adds all of them.</summary>
    public void AddTo(Command command)
    {
        AddModelAndDeviceTo(command);
        foreach (var option in (Option[])[_rank, _steps, _stepSize, _seed, _optimizer, _segmentTokens, _microBatch]) command.Add(option);
    }

    /// <summary>Adds only what it takes to load the checkpoint of a stored adapter.</summary>
    public void AddModelAndDeviceTo(Command command)
    {
        command.Add(_model);
        command.Add(_device);
    }

    public CheckpointSource Source(ParseResult parsed) => new()
    {
        ModelFolder = ModelFolder(parsed),
        Meta = new MetaInitialisation
        {
            Lora = new LoraOptions { Rank = parsed.GetValue(_rank) },
            Steps = parsed.GetValue(_steps),
            StepSize = parsed.GetValue(_stepSize),
            Seed = parsed.GetValue(_seed),
        },
    };

    public EncodingOptions Encoding(ParseResult parsed) => new()
    {
        Segmenter = new SegmenterOptions { MaxTokens = parsed.GetValue(_segmentTokens) },
        Inner = new InnerLoopOptions
        {
            Steps = parsed.GetValue(_steps),
            Optimizer = parsed.GetValue(_optimizer),
            SegmentsPerMicroBatch = parsed.GetValue(_microBatch),
        }.Validated(),
    };

    public string ModelFolder(ParseResult parsed) => parsed.GetValue(_model) ?? Path.Combine(AppContext.BaseDirectory, "models", "stories260K");

    /// <summary>The device's name, to be selected where torch is first used.</summary>
    public string? Device(ParseResult parsed) => parsed.GetValue(_device);

    public Checkpoint Load(ParseResult parsed) => Source(parsed).Load(ComputeDevice.Select(Device(parsed)));
}
