using Perk.Core.MetaLearning;
using static TorchSharp.torch;

namespace Perk.Core.Tests.MetaLearning;

public sealed class InnerOptimizerTests
{
    private static readonly double[][] Gradients = [[0.5, -2, 0], [0.1, 1, 0], [-3, 0.25, 4]];

    [Fact]
    public void Update_AdamW_FollowsThePublishedAlgorithm()
    {
        const double b1 = 0.9, b2 = 0.95, epsilon = 0.3, decay = 0.01;
        double[] w = [1, -1, 0.5], m = new double[3], v = new double[3], rates = [0.1, 0.2, 0.3];
        for (var t = 1; t <= 3; t++)
        {
            for (var i = 0; i < 3; i++)
            {
                var g = Gradients[t - 1][i];
                m[i] = b1 * m[i] + (1 - b1) * g;
                v[i] = b2 * v[i] + (1 - b2) * g * g;
                var mHat = m[i] / (1 - Math.Pow(b1, t));
                var vHat = v[i] / (1 - Math.Pow(b2, t));
                w[i] = w[i] - rates[t - 1] * decay * w[i] - rates[t - 1] * mHat / Math.Sqrt(vHat + epsilon * epsilon);
            }
        }

        using var scope = NewDisposeScope();
        var optimizer = InnerOptimizer.Create(new InnerLoopOptions { Beta1 = b1, Beta2 = b2, RootEpsilon = epsilon, WeightDecay = decay });
        Stories.Close(tensor(w), Follow(optimizer, rates), 1e-12);
    }

    [Fact]
    public void Update_Sgd_IsDecayAndGradient()
    {
        double[] w = [1, -1, 0.5], rates = [0.1, 0.2, 0.3];
        for (var t = 0; t < 3; t++)
            for (var i = 0; i < 3; i++) w[i] = w[i] * (1 - rates[t] * 0.5) - rates[t] * Gradients[t][i];
        using var scope = NewDisposeScope();
        var optimizer = InnerOptimizer.Create(new InnerLoopOptions { Optimizer = InnerOptimizerKind.Sgd, WeightDecay = 0.5 });
        Stories.Close(tensor(w), Follow(optimizer, rates), 1e-12);
    }

    [Theory]
    [InlineData(InnerOptimizerKind.AdamW)]
    [InlineData(InnerOptimizerKind.Sgd)]
    public void Update_WhatItIsGiven_StaysAsItWas(InnerOptimizerKind kind)
    {
        using var scope = NewDisposeScope();
        var optimizer = InnerOptimizer.Create(new InnerLoopOptions { Optimizer = kind });
        Tensor[] weights = [tensor(new[] { 1.0, 2 })], gradients = [tensor(new[] { 3.0, 4 })];
        var (next, state) = optimizer.Update(weights, gradients, optimizer.Init(weights), tensor(new[] { 0.5 }));
        var kept = state.First.Concat(state.Second).Select(t => t.clone()).ToArray();
        optimizer.Update(next, gradients, state, tensor(new[] { 0.5 }));
        Assert.Equal([1.0, 2], weights[0].data<double>().ToArray());
        Assert.Equal([3.0, 4], gradients[0].data<double>().ToArray());
        foreach (var (a, b) in kept.Zip(state.First.Concat(state.Second))) Stories.Identical(a, b);
    }

    [Fact]
    public void Update_EachTensor_HasItsOwnStepSize()
    {
        using var scope = NewDisposeScope();
        var optimizer = InnerOptimizer.Create(new InnerLoopOptions { Optimizer = InnerOptimizerKind.Sgd, WeightDecay = 0 });
        Tensor[] weights = [zeros(1, ScalarType.Float64), zeros(1, ScalarType.Float64)], gradients = [ones(1, ScalarType.Float64), ones(1, ScalarType.Float64)];
        var (next, _) = optimizer.Update(weights, gradients, optimizer.Init(weights), tensor(new[] { 0.5, 2.0 }));
        Assert.Equal((-0.5, -2.0), (next[0].item<double>(), next[1].item<double>()));
    }

    private static Tensor Follow(InnerOptimizer optimizer, double[] rates)
    {
        IReadOnlyList<Tensor> weights = [tensor(new[] { 1, -1, 0.5 })];
        var state = optimizer.Init(weights);
        for (var t = 0; t < 3; t++) (weights, state) = optimizer.Update(weights, [tensor(Gradients[t])], state, tensor(new[] { rates[t] }));
        return weights[0];
    }
}
